import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RunnerRecord, runnerRecordKey } from '@cloudemy/contracts';
import { openRecord } from '@cloudemy/grading';
import { Redis } from 'ioredis';
import { claim, createAssignment, submit } from '../testing/grading.js';
import { type Replica, type TestStores, serviceAuth, startStores } from '../testing/harness.js';

let stores: TestStores;
let backend: Replica;
let redis: Redis;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start();
  redis = new Redis(stores.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await stores.close();
});

async function queued(code: string) {
  const submission = await submit(backend, await createAssignment(backend), code);
  const key = runnerRecordKey(submission.submission_id);
  await until(async () => (await redis.exists(key)) === 1);
  return { submission, sealed: (await redis.get(key)) ?? '', ttl: await redis.ttl(key) };
}

/** What the scheduler puts into the Job. */
async function keyOf({
  submission_id,
  attempt,
}: {
  submission_id: string;
  attempt: number;
}): Promise<string> {
  const body = { items: [{ submission_id, attempt }] };
  const { items } = await backend.api.claimSubmissions({ body }, { headers: serviceAuth });
  const [item] = items;
  return item?.outcome === 'claimed' ? (item.record_key ?? '') : '';
}

test('what a runner finds in Redis opens by the key of its claim, for its attempt and no other', async () => {
  const { submission, sealed, ttl } = await queued('return secret_sauce');
  expect(ttl).toBeGreaterThan(0);
  expect(Buffer.from(sealed, 'base64url').toString('latin1') + sealed).not.toContain('secret_sauce');

  const owner = { submissionId: submission.submission_id, attempt: 1 };
  const key = await keyOf(submission);
  const record = RunnerRecord.parse(JSON.parse(openRecord(sealed, key, owner) ?? ''));
  expect(record).toMatchObject({ attempt: 1, code: 'return secret_sauce' });
  expect(openRecord(sealed, key, { ...owner, attempt: 2 })).toBeUndefined();

  const other = await queued('return nothing');
  expect(openRecord(other.sealed, key, owner)).toBeUndefined();
  expect(openRecord(sealed, await keyOf(other.submission), owner)).toBeUndefined();
});

test('a replica with another secret changes nothing but the key: its runners ask the backend', async () => {
  const { submission, sealed } = await queued('return 1');
  const rotated = await stores.start({ RECORD_KEY_SECRET: 'another secret for the keys of records' });
  const { submission_id, attempt } = submission;
  const body = { items: [{ submission_id, attempt }] };
  const { items } = await rotated.api.claimSubmissions({ body }, { headers: serviceAuth });
  const [item] = items;
  if (item?.outcome !== 'claimed') throw new Error('not claimed');
  const owner = { submissionId: submission_id, attempt };
  expect(openRecord(sealed, item.record_key ?? '', owner)).toBeUndefined();
  const record = await rotated.api.getRunnerRecord({
    params: { submission_id },
    headers: { 'x-result-token': await claim(rotated, submission) },
  });
  expect(record).toMatchObject({ code: 'return 1', attempt: 1 });
});
