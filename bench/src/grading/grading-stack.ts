import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, backendApi, createClient } from '@cloudemy/contracts';
import { type Stack, defaultCacheFolder, startStack } from '@cloudemy/local-stack';
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
const noLimits = { MAX_JOBS_IN_FLIGHT: '100000', MAX_JOB_CREATIONS_PER_SECOND: '100000', LOG_LEVEL: 'warn' };

/**
 * Starts backend, scheduler, Redis, database and cluster. The cluster's node takes no pods, so that creating
 * Jobs is measured and not the start of programs on the same machine.
 *
 * @param env variables of the services, besides those that lift their limits
 */
export async function startGradingStack(env: Record<string, string> = {}): Promise<GradingStack> {
  const folder = await mkdtemp(join(tmpdir(), 'cloudemy-bench-'));
  const logsFolder = join(folder, 'logs');
  const stack = await startStack({
    folders: { data: folder, logs: logsFolder, cache: defaultCacheFolder() },
    durable: false,
    ports: { backend: 0, scheduler: 0, deployer: 0 },
    llm: {},
    namespace: 'default',
    env: { ...noLimits, ...env },
  });
  await takeNoPods(stack);
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

/** Like `kubectl cordon`. */
async function takeNoPods({ cluster }: Stack): Promise<void> {
  const { items } = await cluster.api.listAll('/api/v1/nodes');
  for (const { metadata } of items) {
    const cordon = { spec: { unschedulable: true } };
    await cluster.api.patch(`/api/v1/nodes/${metadata.name ?? ''}`, cordon, 'application/merge-patch+json');
  }
}

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
