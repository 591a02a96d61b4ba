import { freePort, until } from '@cloudemy/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { QueuePayload, RunnerRecord } from '@cloudemy/contracts';
import { openRecord, recordKeyOf } from '@cloudemy/grading';
import { startRedis } from '@cloudemy/emulator-stack/redis';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import mongoose from 'mongoose';
import { objectId } from '@cloudemy/mongo';
import { claim, createAssignment, deliver, exampleResult, submit } from '../testing/grading.js';
import { type TestStores, backendEnv, startStores } from '../testing/harness.js';
import { killAll, startProcess } from '../testing/process.js';

let stores: TestStores;
let redis: Redis;
const connection = mongoose.createConnection();
beforeAll(async () => {
  stores = await startStores();
  redis = new Redis(stores.redisUrl);
  await connection.openUri(stores.mongoUri, { dbName: 'cloudemy' });
});
afterAll(async () => {
  await redis.quit();
  await connection.close();
  await stores.close();
});
afterEach(killAll);

const jobKey = (submissionId: string, attempt = 1): string => `queue:submissions:${submissionId}-${attempt}`;
const onQueue =
  (id: string, attempt = 1) =>
  async (): Promise<boolean> =>
    (await redis.exists(jobKey(id, attempt))) === 1;

const outboxOf = async (id: string): Promise<unknown> =>
  (await connection.collection('submissions').findOne({ _id: objectId(id) }))?.['outbox'];

test('puts a submission on the queue, with its record, and forgets the record at the end', async () => {
  // Without a sweeper in the time of the test: the request itself sees to it.
  const backend = await stores.start({ SWEEP_INTERVAL_MS: '600000' });
  const submission = await submit(backend, await createAssignment(backend), 'print(2)');
  const { submission_id: id } = submission;
  await until(onQueue(id));
  const payload = QueuePayload.parse(JSON.parse((await redis.hget(jobKey(id), 'data')) ?? ''));
  expect(payload).toMatchObject({ submission_id: id, attempt: 1, user_id: submission.user_id });
  const owner = { submissionId: id, attempt: 1 };
  const key = recordKeyOf(backendEnv('', '')['RESULT_TOKEN_SECRET'] ?? '', owner);
  const text = openRecord((await redis.get(`submission:${id}`)) ?? '', key, owner);
  const record = RunnerRecord.parse(JSON.parse(text ?? ''));
  expect(record).toMatchObject({ code: 'print(2)', attempt: 1, assignment: { title: 'Add two numbers' } });
  const ttl = await redis.ttl(`submission:${id}`);
  expect(ttl).toBeGreaterThan(86_000);
  await until(async () => (await outboxOf(id)) === null);
  await deliver(backend, id, await claim(backend, submission), exampleResult);
  await until(async () => (await redis.exists(`submission:${id}`)) === 0);
  await backend.api.regradeSubmission({ params: { submission_id: id } });
  await until(onQueue(id, 2));
});

test('a record that is too large for Redis is not put there: its runner asks the backend', async () => {
  const backend = await stores.start({ DB_NAME: 'large', MAX_RECORD_BYTES: '2000' });
  const assignment = await createAssignment(backend);
  const large = await submit(backend, assignment, 'x'.repeat(3_000));
  const small = await submit(backend, assignment);
  await until(onQueue(large.submission_id));
  await until(onQueue(small.submission_id));
  expect(await redis.exists(`submission:${large.submission_id}`)).toBe(0);
  expect(await redis.exists(`submission:${small.submission_id}`)).toBe(1);
  await backend.stop();
});

describe('killed between storing and enqueueing', () => {
  test('a backend loses nothing: another enqueues what it had accepted', async () => {
    const port = await freePort();
    const url = `redis://127.0.0.1:${port}`;
    const doomed = await startProcess(backendEnv(stores.mongoUri, url, { DB_NAME: 'killed' }));
    const assignment = await createAssignment(doomed);
    const accepted = await Promise.all(Array.from({ length: 5 }, () => submit(doomed, assignment)));
    await doomed.kill();

    const back = await startRedis({ port });
    const queue = new Queue('submissions', { connection: { url }, prefix: 'queue' });
    try {
      await expect(queue.count()).resolves.toBe(0);
      const heir = await stores.start({ DB_NAME: 'killed', REDIS_URL: url });
      await until(async () => (await queue.count()) === accepted.length);
      const jobs = await queue.getPrioritized();
      expect(jobs.map((job) => job.id).toSorted(alphabetically)).toEqual(
        accepted.map((one) => `${one.submission_id}-1`).toSorted(alphabetically),
      );
      await heir.stop();
    } finally {
      await queue.close();
      await back.close();
    }
  });

  test('under load, what was acknowledged is on the queue, once', async () => {
    const env = { DB_NAME: 'load' };
    const doomed = await startProcess(backendEnv(stores.mongoUri, stores.redisUrl, env));
    const assignment = await createAssignment(doomed);
    const acknowledged: string[] = [];
    const clients = Array.from({ length: 8 }, async () => {
      for (;;) acknowledged.push((await submit(doomed, assignment)).submission_id);
    });
    const cutOff = Promise.allSettled(clients);
    await until(() => Promise.resolve(acknowledged.length > 60));
    await doomed.kill();
    await cutOff;

    const heir = await stores.start(env);
    for (const id of acknowledged) await until(onQueue(id));
    const { items } = await heir.api.listSubmissions({ query: { limit: 200 } });
    expect(items.map((item) => item.submission_id)).toEqual(expect.arrayContaining(acknowledged));
    await heir.stop();
  });
});

test('accepts while Redis is away, and enqueues when it is back', async () => {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const backend = await stores.start({ DB_NAME: 'away', REDIS_URL: url });
  const ready = await fetch(`${backend.base}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({
    status: 'degraded',
    checks: [
      { name: 'redis', ok: false, optional: true },
      { name: 'mongodb', ok: true },
    ],
  });
  const submission = await submit(backend, await createAssignment(backend));
  expect(submission.status).toBe('queued');
  const back = await startRedis({ port });
  const other = new Redis(url);
  try {
    await until(async () => (await other.exists(jobKey(submission.submission_id))) === 1);
  } finally {
    await other.quit();
    await backend.stop();
    await back.close();
  }
});

test('puts back what the queue has lost, and only what still waits', async () => {
  const backend = await stores.start({ DB_NAME: 'wiped' });
  const assignment = await createAssignment(backend);
  const waiting = await submit(backend, assignment);
  const ended = await submit(backend, assignment);
  await until(async () => {
    const found = await Promise.all([onQueue(waiting.submission_id)(), onQueue(ended.submission_id)()]);
    return found.every(Boolean);
  });
  await backend.api.cancelSubmission({ params: { submission_id: ended.submission_id } });
  await redis.flushall();
  await until(onQueue(waiting.submission_id));
  await expect(redis.exists(`submission:${waiting.submission_id}`)).resolves.toBe(1);
  await expect(onQueue(ended.submission_id)()).resolves.toBe(false);
  await backend.stop();
});

test('puts back a message that is there and on no list', async () => {
  const backend = await stores.start({ DB_NAME: 'torn' });
  const { submission_id: id } = await submit(backend, await createAssignment(backend));
  await until(onQueue(id));
  // As a script of the queue leaves it that breaks midway: the message without its place.
  expect(await redis.zrem('queue:submissions:prioritized', `${id}-1`)).toBe(1);
  expect(await redis.exists(`queue:submissions:${id}-1`)).toBe(1);
  await until(async () => (await redis.zscore('queue:submissions:prioritized', `${id}-1`)) !== null);
  await backend.stop();
});

test('writes anew a message whose data were cut', async () => {
  const backend = await stores.start({ DB_NAME: 'cut' });
  const { submission_id: id } = await submit(backend, await createAssignment(backend));
  await until(onQueue(id));
  const key = `queue:submissions:${id}-1`;
  const whole = (await redis.hget(key, 'data')) ?? '';
  await redis.hset(key, 'data', whole.slice(0, whole.length / 2));
  await until(async () => (await redis.hget(key, 'data'))?.endsWith('}') === true);
  expect(JSON.parse((await redis.hget(key, 'data')) ?? '')).toMatchObject({ submission_id: id, attempt: 1 });
  await backend.stop();
});

const alphabetically = (a: string | undefined, b: string | undefined): number =>
  String(a) < String(b) ? -1 : 1;
