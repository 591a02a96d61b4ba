import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRedis } from '@cloudemy/emulator-stack/redis';
import { createLogger } from '@cloudemy/service';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { newId } from '../testing/fixtures.js';
import { until } from '../testing/until.js';
import { SubmissionWorker } from './submission-worker.js';

const [prefix, name] = ['queue', 'submissions'];

let server: Awaited<ReturnType<typeof startRedis>>;
let redis: Redis;
let queue: Queue;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url, { maxRetriesPerRequest: null });
  queue = new Queue(name, { connection: redis, prefix });
});
afterAll(async () => {
  await queue.close();
  redis.disconnect();
  await server.close();
});

test('the worker holds as many messages as it may, and takes others when those are done', async () => {
  await queue.addBulk(Array.from({ length: 150 }, () => ({ name: 'submission', data: message() })));
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const worker = new SubmissionWorker({
    redis,
    queue: { prefix, name },
    concurrency: 96,
    take: async () => {
      await released;
      return { kind: 'created' };
    },
    onTaken() {},
    onAgain() {},
    onFetched() {},
    setAside: () => Promise.resolve(),
    log: createLogger('test', 'silent'),
  });
  worker.start();
  await until(() => worker.taken === 96);
  expect(await queue.getActiveCount()).toBe(96);
  expect(worker.hasFreeHands).toBe(false);
  release();
  await until(async () => (await queue.getActiveCount()) + (await queue.getWaitingCount()) === 0);
  expect(worker.taken).toBe(150);
  await worker.stop();
});

const message = () => ({
  submission_id: newId(),
  attempt: 1,
  user_id: newId(),
  enqueued_at: new Date().toISOString(),
  request_id: 'request',
});
