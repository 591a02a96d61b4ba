import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Bench, BenchContext } from '../bench.js';
import { type Report, type Row, medianOf, rowOf } from '../report/report.js';

const run = promisify(execFile);

const tag = process.env['CLOUDEMY_TAG'] ?? '0.1.0';
const base = process.env['NODE_IMAGE'] ?? 'node:24-bookworm-slim';
const services = ['backend', 'scheduler', 'deployer'];
const imageOf = (app: string): string => `cloudemy/${app}:${tag}`;

/** What every program ends with that is started without an environment, once it has loaded everything. */
const misconfigured = 78;
/** How many times an empty script's start in the base image the runner's own may take. */
const limit = 1.5;
/** Megabytes that images may add to their base, which a node pulls once for all of them. */
const most = { runner: 2, service: 20 };

/**
 * What an image costs: megabytes above its base, and the time from `docker run` until its program has loaded and read
 * its environment, beside an empty script in the base image, which pays for the container and for Node alone.
 */
export const imageStart: Bench = { rounds: 10, run: measure };

async function measure({ rounds }: BenchContext): Promise<Report> {
  const about = 'images: from docker run until the program is ready, and megabytes above the base image';
  const bare = { bench: 'image-start', rounds, about, rows: [] };
  const sizes = await sizesOf([base, imageOf('runner'), ...services.map(imageOf)]);
  if (typeof sizes === 'string') return { ...bare, notes: [`skipped: ${sizes}`] };
  const [baseSize = 0, ...own] = sizes;
  const times = await startTimes(rounds);
  const baseline = medianOf(times.get(base) ?? []);
  const rows = ['runner', ...services].map((app) =>
    rowOf(`${app}, loaded`, 'ms', times.get(imageOf(app)) ?? [], {
      baseline,
      ...(app === 'runner' ? { goal: { of: 'ratio', is: 'at most', bound: limit } } : {}),
    }),
  );
  const weights: Row[] = own.map((size, index) => {
    const bound = index === 0 ? most.runner : most.service;
    const what = `${['runner', ...services][index]}, above the base`;
    return rowOf(what, 'MB', [(size - baseSize) / 1e6], { goal: { of: 'max', is: 'at most', bound } });
  });
  return { ...bare, rows: [rowOf('empty script', 'ms', times.get(base) ?? []), ...rows, ...weights] };
}

/** Milliseconds of each image's start by its name, the images in turn. */
async function startTimes(rounds: number): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  for (let round = -1; round < rounds; round += 1) {
    for (const image of [base, imageOf('runner'), ...services.map(imageOf)]) {
      const took = await timeOf(image);
      // The first round warms the file cache.
      if (round >= 0) times.set(image, [...(times.get(image) ?? []), took]);
    }
  }
  return times;
}

/** As a pod would run it: with a root file system that cannot be written. */
async function timeOf(image: string): Promise<number> {
  const program = image === base ? ['node', '--eval', ''] : [];
  const start = performance.now();
  const code = await run('docker', ['run', '--rm', '--network=none', '--read-only', image, ...program]).then(
    () => 0,
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
  const took = performance.now() - start;
  if (code !== (image === base ? 0 : misconfigured)) throw new Error(`${image} ended with ${String(code)}`);
  return took;
}

/** Bytes of each image, or why they cannot be had. */
async function sizesOf(images: readonly string[]): Promise<number[] | string> {
  try {
    const { stdout } = await run('docker', ['image', 'inspect', '--format', '{{.Size}}', ...images]);
    return stdout.trim().split('\n').map(Number);
  } catch (error) {
    const why = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    return `${why.split('\n').at(-1) || 'Docker is not installed'} (the images are built by npm run images)`;
  }
}
