import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRedis } from '@cloudemy/emulator-stack/redis';
import { createLogger } from '@cloudemy/service';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { newId } from '../testing/fixtures.js';
import { HandBack } from './hand-back.js';
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
    onError() {},
    setAside: () => Promise.resolve(),
    log: createLogger('test', 'silent'),
  });
  worker.limit(96);
  worker.start();
  await until(() => worker.taken === 96);
  expect(await queue.getActiveCount()).toBe(96);
  expect(worker.hasFreeHands).toBe(false);
  release();
  await until(async () => (await queue.getActiveCount()) + (await queue.getWaitingCount()) === 0);
  expect(worker.taken).toBe(150);
  await worker.stop();
});

test('a worker that may hold nothing takes nothing, keeps running, and goes on when it may', async () => {
  const worker = new SubmissionWorker({
    redis,
    queue: { prefix, name },
    concurrency: 4,
    take: async () => ({ kind: 'created' }),
    onTaken() {},
    onAgain() {},
    onFetched() {},
    onError() {},
    setAside: () => Promise.resolve(),
    log: createLogger('test', 'silent'),
  });
  worker.start();
  for (let round = 0; round < 20; round += 1) {
    worker.limit(0);
    expect(worker.isRunning).toBe(true);
    await queue.addBulk([1, 2, 3].map(() => ({ name: 'submission', data: message() })));
    worker.limit(2);
    await until(async () => {
      // As the pipeline does every second.
      worker.limit(2);
      return (await queue.getActiveCount()) + (await queue.getWaitingCount()) === 0;
    });
  }
  expect(worker.taken).toBe(60);
  await worker.stop();
});

test('what cannot be worked on here goes back to its place at once, for another worker to take', async () => {
  const options = {
    redis,
    queue: { prefix, name },
    concurrency: 1,
    onTaken() {},
    onAgain() {},
    onFetched() {},
    onError() {},
    setAside: () => Promise.resolve(),
    log: createLogger('test', 'silent'),
  };
  const refused: string[] = [];
  const done: string[] = [];
  const cutOff = new SubmissionWorker({
    ...options,
    take: async ({ submission_id: id }) => {
      refused.push(id);
      cutOff.limit(0);
      throw new HandBack('cut off');
    },
  });
  const healthy = new SubmissionWorker({
    ...options,
    take: async ({ submission_id: id }) => {
      done.push(id);
      return { kind: 'created' };
    },
  });
  cutOff.start();
  cutOff.limit(1);
  const messages = [1, 2, 3].map(() => message());
  for (const data of messages) await queue.add('submission', data, { priority: 5 });
  await until(() => refused.length === 1);
  healthy.start();
  healthy.limit(1);
  await until(() => done.length === 3);
  expect(done).toEqual(messages.map(({ submission_id: id }) => id));
  await Promise.all([cutOff.stop(), healthy.stop()]);
});

const message = () => ({
  submission_id: newId(),
  attempt: 1,
  user_id: newId(),
  enqueued_at: new Date().toISOString(),
  request_id: 'request',
});
