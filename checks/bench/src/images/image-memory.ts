import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapLimit } from '@cloudemy/async';
import { backendApi, createClient } from '@cloudemy/contracts';
import {
  defaultCacheFolder,
  freePort,
  startClusterEmulator,
  startMongoEmulator,
  startRedis,
} from '@cloudemy/emulator-stack';
import type { Bench, BenchContext } from '../bench.js';
import { assignment, submissionOf } from '../grading/grading-stack.js';
import { type Report, type Row, rowOf } from '../report/report.js';
import { type App, requestedMiB, unpackImage } from './image.js';
import { MemoryCgroup } from './memory-cgroup.js';

const apps: readonly App[] = ['backend', 'scheduler', 'deployer'];

/** MiB. The autoscaler adds backends from 80 % of 128 on, with or without traffic. */
const backendIdle = 80;
const backendAfter = 95;
/** Part of what the other services request that they may hold idle. */
const idlePart = 0.75;

const requests = 6_000;
const clients = 64;
/** Seconds until an idle service is looked at, and until one is that was busy. */
const settle = { idle: 20, after: 300 };
const quickly = { requests: 60, idle: 1, after: 1 };

/**
 * What Kubernetes would count as the memory of each service: the bundle of its image, started as its Dockerfile says,
 * in a memory cgroup; idle, and the backend five minutes after many requests too. Node is the one that runs this.
 */
export const imageMemory: Bench = { rounds: 1, run };

async function run({ rounds, quick }: BenchContext): Promise<Report> {
  const about = `images: working set in a memory cgroup, Node ${process.versions.node}`;
  const bare = { bench: 'image-memory', rounds, about };
  const folder = await mkdtemp(join(tmpdir(), 'cloudemy-memory-'));
  const parts = await startStores(folder);
  try {
    const rows: Row[] = [];
    for (const app of apps) rows.push(...(await measure(app, join(folder, app), parts.env, rounds, quick)));
    return { ...bare, rows };
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return { ...bare, rows: [], notes: [`skipped: a memory cgroup cannot be made here (${error.message})`] };
  } finally {
    await parts.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function startStores(folder: string) {
  const folders = { data: folder, logs: join(folder, 'logs'), cache: defaultCacheFolder() };
  const images = join(folder, 'images.json');
  await writeFile(images, '[]');
  const mongo = await startMongoEmulator(folders, false);
  const redis = await startRedis({ folder: join(folder, 'redis') });
  const cluster = await startClusterEmulator(folders, images);
  return {
    env: {
      MONGO_URI: mongo.url,
      MONGO_URL: mongo.url,
      REDIS_URL: redis.url,
      KUBECONFIG: cluster.kubeconfig,
      AUTH_MODE: 'off',
      HOST: '127.0.0.1',
      RUNNER_IMAGE: 'cloudemy/runner:none',
      BACKEND_INTERNAL_URL: 'http://127.0.0.1:9/internal',
      INTERNAL_SERVICE_TOKEN: 'a token that nobody else uses',
      RESULT_TOKEN_SECRET: 'a secret of at least thirty-two characters',
      RATE_LIMIT_PER_ADDRESS: '1000000',
      RATE_LIMIT_PER_USER: '1000000',
      LOG_LEVEL: 'warn',
    },
    close: async () => {
      await cluster.close?.();
      await redis.close?.();
      await mongo.close?.();
    },
  };
}

async function measure(
  app: App,
  folder: string,
  env: Record<string, string>,
  rounds: number,
  quick: boolean,
): Promise<Row[]> {
  const image = await unpackImage(app, folder);
  const idle: number[] = [];
  const after: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const port = await freePort();
    const cgroup = new MemoryCgroup(`${app}-${round}`);
    const cache = join(folder, 'cache');
    const program = spawn(process.execPath, [...image.nodeFlags, image.script], {
      env: { ...image.env, ...env, NODE_COMPILE_CACHE: cache, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    try {
      if (program.pid !== undefined) cgroup.add(program.pid);
      await live(port);
      await sleep((quick ? quickly : settle).idle * 1_000);
      idle.push(cgroup.workingSetMiB);
      if (app !== 'backend') continue;
      await load(port, quick ? quickly.requests : requests);
      await sleep((quick ? quickly : settle).after * 1_000);
      after.push(cgroup.workingSetMiB);
    } finally {
      program.kill();
      await once(program, 'exit');
      cgroup.remove();
    }
  }
  const bound = app === 'backend' ? backendIdle : idlePart * (await requestedMiB(app));
  const rows = [rowOf(`${app}, idle`, 'MiB', idle, { goal: { of: 'max', is: 'at most', bound } })];
  if (after.length === 0) return rows;
  const what = `${app}, ${settle.after / 60} min after ${requests} requests`;
  return [...rows, rowOf(what, 'MiB', after, { goal: { of: 'max', is: 'at most', bound: backendAfter } })];
}

async function live(port: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(100);
  }
}

/** Half of the requests hand something in, the others ask for it. */
async function load(port: number, count: number): Promise<void> {
  const backend = createClient(backendApi, { baseUrl: `http://127.0.0.1:${port}` });
  const { assignment_id } = await backend.createAssignment({ body: assignment });
  let last: string | undefined;
  await mapLimit(Array.from({ length: count }), clients, async (_, index) => {
    if (index % 2 === 0 || last === undefined) {
      const created = await backend.createSubmission({ body: submissionOf(assignment_id), headers: {} });
      last = created.submission_id;
    } else await backend.getSubmission({ params: { submission_id: last } });
  });
}
