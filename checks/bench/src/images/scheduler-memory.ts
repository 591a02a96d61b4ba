import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClaimRequest, StatesRequest, type StatesAnswer, type ClaimAnswer } from '@cloudemy/contracts';
import { defaultCacheFolder, freePort, startClusterEmulator, startRedis } from '@cloudemy/emulator-stack';
import { portOf } from '@cloudemy/testing';
import { Queue } from 'bullmq';
import type { z } from 'zod';
import type { Bench, BenchContext } from '../bench.js';
import { type Report, rowOf } from '../report/report.js';
import { startFinishedJobs } from './finished-jobs.js';
import { unpackImage } from './image.js';
import { MemoryCgroup } from './memory-cgroup.js';

/** MiB at the highest: the container's limit is 384. */
const goal = 150;
/** Seconds that are looked at: two rounds of reconciliation, in which most finished Jobs are deleted. */
const watchedSeconds = 75;
const lookMs = 100;
const namespace = 'default';

/**
 * What Kubernetes would count as the memory of a scheduler that starts with thousands of finished Jobs in the cluster and
 * as many submissions on the queue, which a model that is away holds back. Its bundle is started as its Dockerfile says.
 */
export const schedulerMemory: Bench = { rounds: 1, run };

async function run({ rounds, quick }: BenchContext): Promise<Report> {
  const count = quick ? 100 : 10_000;
  const about = `scheduler with ${count} finished Jobs and ${count} waiting submissions, Node ${process.versions.node}`;
  const bare = { bench: 'scheduler-memory', rounds, about };
  const folder = await mkdtemp(join(tmpdir(), 'cloudemy-scheduler-'));
  try {
    const seen: Seen[] = [];
    for (let round = 0; round < rounds; round += 1)
      seen.push(await measure(folder, count, quick ? 2 : watchedSeconds));
    const most = { of: 'max', is: 'at most', bound: goal } as const;
    return {
      ...bare,
      rows: [
        rowOf(
          'at its highest',
          'MiB',
          seen.map(({ peak }) => peak),
          { goal: most },
        ),
        rowOf(
          `${watchedSeconds} s after the start`,
          'MiB',
          seen.map(({ end }) => end),
          { goal: most },
        ),
      ],
    };
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return { ...bare, rows: [], notes: [`skipped: a memory cgroup cannot be made here (${error.message})`] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Seen {
  /** MiB of the working set. */
  peak: number;
  end: number;
}

async function measure(folder: string, count: number, seconds: number): Promise<Seen> {
  const cgroup = new MemoryCgroup('scheduler-finished');
  const parts = await startParts(folder, count);
  const image = await unpackImage('scheduler', join(folder, 'image'));
  const program = spawn(process.execPath, [...image.nodeFlags, image.script], {
    env: {
      ...image.env,
      ...parts.env,
      NODE_COMPILE_CACHE: join(folder, 'cache'),
      PORT: String(await freePort()),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    if (program.pid !== undefined) cgroup.add(program.pid);
    let peak = 0;
    for (const end = performance.now() + seconds * 1_000; performance.now() < end; await sleep(lookMs)) {
      peak = Math.max(peak, cgroup.workingSetMiB);
    }
    if (program.exitCode !== null) throw new Error('the scheduler ended');
    return { peak, end: cgroup.workingSetMiB };
  } finally {
    program.kill();
    await once(program, 'exit');
    cgroup.remove();
    await parts.close();
  }
}

async function startParts(folder: string, count: number) {
  const images = join(folder, 'images.json');
  await writeFile(images, '[]');
  const cluster = await startClusterEmulator(
    { data: folder, logs: join(folder, 'logs'), cache: defaultCacheFolder() },
    images,
  );
  const server = new URL(
    /server: ?"?(http[^\s"]+)/.exec(await readFile(cluster.kubeconfig, 'utf8'))?.[1] ?? '',
  );
  const jobs = await startFinishedJobs({ target: server.href, count, instance: 'cloudemy', namespace });
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(
    kubeconfig,
    (await readFile(cluster.kubeconfig, 'utf8')).replaceAll(
      server.origin,
      `http://127.0.0.1:${portOf(jobs)}`,
    ),
  );
  const redis = await startRedis({ folder: join(folder, 'redis') });
  await enqueue(redis.url, count);
  const backend = await startBackend();
  return {
    env: {
      REDIS_URL: redis.url,
      KUBECONFIG: kubeconfig,
      K8S_NAMESPACE: namespace,
      HOST: '127.0.0.1',
      RUNNER_IMAGE: 'cloudemy/runner:none',
      BACKEND_INTERNAL_URL: `http://127.0.0.1:${portOf(backend)}/internal`,
      INTERNAL_SERVICE_TOKEN: 'a token that nobody else uses',
      LOG_LEVEL: 'warn',
    },
    close: async () => {
      for (const one of [backend, jobs]) {
        one.close();
        one.closeAllConnections();
      }
      await redis.close?.();
      await cluster.close?.();
    },
  };
}

async function enqueue(redisUrl: string, count: number): Promise<void> {
  const queue = new Queue('submissions', { connection: { url: redisUrl }, prefix: 'queue' });
  const id = (index: number) => index.toString(16).padStart(24, 'b');
  const messages = Array.from({ length: count }, (_, index) => ({
    name: 'submission',
    data: {
      submission_id: id(index),
      attempt: 1,
      user_id: id(0),
      enqueued_at: new Date().toISOString(),
      request_id: 'bench',
    },
    opts: { jobId: `${id(index)}-1` },
  }));
  await queue.addBulk(messages);
  await queue.close();
}

/** A backend that has recorded every result, and holds the queue because the model is away. */
async function startBackend(): Promise<Server> {
  const server = createServer((asked, answer) => {
    const reply = async (): Promise<object> => {
      if (asked.url?.endsWith('/states') === true) return states(StatesRequest.parse(await json(asked)));
      if (asked.url?.endsWith('/claim') === true) return held(ClaimRequest.parse(await json(asked)));
      return { items: [], next_cursor: null };
    };
    void reply().then((body) => {
      answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function states({ submission_ids: ids }: z.output<typeof StatesRequest>): z.input<typeof StatesAnswer> {
  return { items: ids.map((id) => ({ submission_id: id, attempt: 1, status: 'graded' })) };
}

function held({ items }: z.output<typeof ClaimRequest>): z.input<typeof ClaimAnswer> {
  return {
    items: items.map(({ submission_id, attempt }) => ({ outcome: 'held', submission_id, attempt })),
    llm: { rate_limited_recent: 0 },
    hold: { code: 'llm_unavailable', message: 'The model does not answer.', retry_after_ms: 1_000 },
  };
}
