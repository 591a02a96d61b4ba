import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, backendApi, createClient } from '@cloudemy/contracts';
import { type Stack, defaultCacheFolder, startStack } from '@cloudemy/emulator-stack';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';

/** The grading side in processes of its own, on a cluster in which no pod starts. */
export interface GradingStack extends Stack {
  backend: Client<typeof backendApi>;
  queue: Queue;
  redis: Redis;
  assignmentId: string;
  logsFolder: string;
}

/** No limit of ours may be what is measured. */
const noLimits = { MAX_JOBS_IN_FLIGHT: '100000', LOG_LEVEL: 'warn' };

/** More than any node has, so that creating Jobs is measured and not the start of programs on the same machine. */
const noNodeFits = { RUNNER_CPU_REQUEST: '10000', RUNNER_CPU_LIMIT: '10000' };

export interface GradingStackOptions {
  /** Variables of the services, besides those that lift their limits. */
  env?: Record<string, string>;
  /** Any cluster's; the embedded one when left out. */
  kubeconfig?: string | undefined;
}

/** Starts backend, scheduler, Redis and database, and a cluster unless one is named. No pod of a Job will start. */
export async function startGradingStack({
  env = {},
  kubeconfig,
}: GradingStackOptions = {}): Promise<GradingStack> {
  const folder = await mkdtemp(join(tmpdir(), 'cloudemy-bench-'));
  const logsFolder = join(folder, 'logs');
  const stack = await startStack({
    folders: { data: folder, logs: logsFolder, cache: defaultCacheFolder() },
    durable: false,
    ports: { backend: 0, scheduler: 0, deployer: 0 },
    llm: {},
    namespace: process.env['E2E_NAMESPACE'] ?? 'default',
    ...(kubeconfig === undefined ? {} : elsewhere(kubeconfig)),
    env: { ...noLimits, ...noNodeFits, ...env },
  });
  const redis = new Redis(stack.wiring.redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue('submissions', { connection: redis, prefix: 'queue' });
  const backend = createClient(backendApi, { baseUrl: stack.backendUrl });
  const { assignment_id: assignmentId } = await backend.createAssignment({ body: assignment });
  return {
    ...stack,
    backend,
    queue,
    redis,
    assignmentId,
    logsFolder,
    async close() {
      await queue.close();
      redis.disconnect();
      await stack.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** No pod starts, so neither the image nor the way back to this machine matters. */
const elsewhere = (kubeconfig: string) => ({
  kubeconfig,
  runnerImage: 'never-started',
  hostAddress: 'nowhere.invalid',
});

/** What is submitted to. */
export const assignment = {
  title: 'Reverse a list',
  description: 'Write a function that reverses a linked list in place.',
  language: 'python' as const,
  rubric: {
    criteria: [
      { criterion_id: 'reverses', title: 'Reverses the list', points: 6 },
      { criterion_id: 'in-place', title: 'Uses no second list', points: 4 },
    ],
  },
};

/** A body as students send them, of about 1 KB. */
export function submissionOf(assignmentId: string) {
  const line = 'while node is not None:\n    node.next, previous, node = previous, node, node.next\n';
  return { assignment_id: assignmentId, code: `def reverse(node):\n    previous = None\n${line.repeat(12)}` };
}
