import { until } from '@cloudemy/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import {
  type Assignment,
  type Hold,
  type Submission,
  announceScript,
  announcedForMs,
  schedulersKey,
} from '@cloudemy/contracts';
import { Redis } from 'ioredis';
import { claim, createAssignment, deliver, exampleResult, path, read, submit } from '../testing/grading.js';
import { type Replica, type TestStores, serviceAuth, startStores } from '../testing/harness.js';
import { holdKey } from './scripts.js';

let stores: TestStores;
let backend: Replica;
let twin: Replica;
let assignment: Assignment;
let redis: Redis;
beforeAll(async () => {
  stores = await startStores();
  redis = new Redis(stores.redisUrl);
  const env = { RETRY_BACKOFF_MS: '10', RETRY_BACKOFF_MAX_MS: '10', MAX_AUTOMATIC_ATTEMPTS: '2' };
  [backend, twin] = await Promise.all([stores.start(env), stores.start(env)]);
  assignment = await createAssignment(backend);
});
afterEach(async () => {
  await redis.replicaof('NO', 'ONE');
  await redis.del(holdKey, schedulersKey);
});
afterAll(async () => {
  redis.disconnect();
  await stores.close();
});

const refused = { code: 'llm_auth_failed', message: 'The key is refused.', retryable: false } as const;

const claimAll = async (submissions: readonly Submission[], at = backend) => {
  const items = submissions.map(({ submission_id, attempt }) => ({ submission_id, attempt }));
  return at.api.claimSubmissions({ body: { items } }, { headers: serviceAuth });
};

/** Claims it as a scheduler does and answers as a runner whose key is refused. */
async function refuse(submission: Submission, at = backend): Promise<Submission> {
  const now = await read(at, submission);
  const token = await claim(at, now);
  await deliver(at, now.submission_id, token, { status: 'failed', failure: refused });
  return read(at, submission);
}

/** As if the pause between two attempts that are let through was over. */
const pauseIsOver = () => redis.hset(holdKey, 'next', '0');

test('a refused key fails nobody: the attempt is given back, and one at a time is let through, over all replicas', async () => {
  const waiting = await Promise.all([1, 2, 3, 4].map(() => submit(backend, assignment)));
  const [first, ...others] = waiting;
  if (first === undefined) throw new Error('nothing was submitted');
  expect(await refuse(first)).toMatchObject({ status: 'queued', attempt: 2, failure: null });
  await until(async () => (await redis.exists(holdKey)) === 1);

  const answer = await claimAll(others, twin);
  expect(answer.items.map(({ outcome }) => outcome)).toEqual(['held', 'held', 'held']);
  expect(answer.hold).toMatchObject({ code: 'llm_auth_failed', retry_after_ms: expect.any(Number) });

  await pauseIsOver();
  const [one, two] = await Promise.all([claimAll(others, backend), claimAll(others.toReversed(), twin)]);
  const claimed = [...one.items, ...two.items].filter(({ outcome }) => outcome === 'claimed');
  expect(new Set(claimed.map(({ submission_id: id }) => id)).size).toBe(1);
});

test('however often it is refused, a submission keeps its attempts, and is graded when the key is right', async () => {
  const submission = await submit(backend, assignment);
  // More often than it may be tried by itself.
  for (let time = 1; time <= 5; time += 1) {
    expect(await refuse(submission)).toMatchObject({ status: 'queued', attempt: time + 1 });
    await until(async () => (await redis.hget(holdKey, 'probe')) === null);
    await pauseIsOver();
  }
  const now = await read(backend, submission);
  await deliver(twin, now.submission_id, await claim(backend, now), exampleResult);
  await until(async () => (await redis.exists(holdKey)) === 0);
  const graded = await read(backend, submission);
  expect([graded.status, path(graded).at(-1)]).toEqual(['graded', 'graded']);
  const free = await claimAll([await submit(backend, assignment), await submit(backend, assignment)]);
  expect([free.hold, ...free.items.map(({ outcome }) => outcome)]).toEqual([null, 'claimed', 'claimed']);
});

test('one that was let through and cancelled lets the next one through at once', async () => {
  const [first, probe, next] = [
    await submit(backend, assignment),
    await submit(backend, assignment),
    await submit(backend, assignment),
  ];
  await refuse(first);
  await until(async () => (await redis.exists(holdKey)) === 1);
  await pauseIsOver();
  await claim(backend, probe);
  await backend.api.cancelSubmission({ params: { submission_id: probe.submission_id } });
  await until(async () => (await claimAll([next])).items[0]?.outcome === 'claimed');
});

test('submitters are told why theirs waits, and that it goes on by itself', async () => {
  const [first, second] = [await submit(backend, assignment), await submit(backend, assignment)];
  await refuse(first);
  await until(async () => (await redis.exists(holdKey)) === 1);
  const told = { code: 'llm_auth_failed', message: expect.stringMatching(/every submission.*by itself/) };
  await expect(read(twin, second)).resolves.toMatchObject({ status: 'queued', waiting: told });
  await expect(read(twin, first)).resolves.toMatchObject({ status: 'queued', waiting: told });
});

test('submitters are told what the schedulers say, if none of them takes anything', async () => {
  const submission = await submit(backend, assignment);
  const since = new Date().toISOString();
  const hold = { code: 'cluster_unavailable', message: 'The cluster answers 429.', since } satisfies Hold;
  const say = (id: string, text: string) =>
    redis.eval(announceScript, 1, schedulersKey, id, announcedForMs, text);
  await say('one', JSON.stringify(hold));
  await expect(read(backend, submission)).resolves.toMatchObject({
    waiting: { code: 'cluster_unavailable', message: 'The cluster answers 429.' },
  });
  await say('another', '');
  expect((await read(backend, submission)).waiting).toBeNull();
});

test('submitters are told when the queue takes nothing, and readiness says why', async () => {
  const submission = await submit(backend, assignment);
  await redis.replicaof('127.0.0.1', '1');
  await until(async () => (await read(backend, submission)).waiting?.code === 'queue_unavailable');
  const ready = async () => (await backend.fetch('/readyz')).text();
  await until(async () => /"redis","ok":false.*READONLY/.test(await ready()));
  await redis.replicaof('NO', 'ONE');
  await until(async () => (await read(backend, submission)).waiting === null);
});
