import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SubmissionHints, runnerRecordKey, submissionChannel } from '@cloudemy/contracts';
import { startRedis } from '@cloudemy/emulator-stack/redis';
import { createLogger } from '@cloudemy/service';
import { Redis } from 'ioredis';
import mongoose from 'mongoose';
import type { TransitionEvent } from '../submissions/transition.js';
import { redisHints } from './hints.js';

let server: Awaited<ReturnType<typeof startRedis>>;
let redis: Redis;
let subscriber: Redis;
const messages: string[] = [];
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  subscriber = new Redis(server.url);
  subscriber.on('message', (_, message) => messages.push(message));
  await subscriber.subscribe(submissionChannel);
});
afterAll(async () => {
  redis.disconnect();
  subscriber.disconnect();
  await server.close();
});

const id = () => new mongoose.Types.ObjectId();
const now = new Date();

function made(status: TransitionEvent['submission']['status'], seq: number): TransitionEvent {
  const nothing = { result_id: null, traceparent: null, waiting: null, regrade_id: null, score: null };
  const submission = {
    ...nothing,
    _id: id(),
    assignment_id: id(),
    user_id: id(),
    status,
    seq,
    attempt: 1,
    requested_attempt: 1,
    given_back: 0,
    max_score: 10,
    status_since: now,
    assignment: { version: 1 },
  };
  return { submission, from: 'queued', since: now, metrics: null, failure: null };
}

test('tells of a submission alone, and of many that moved at once in one message', async () => {
  const tell = redisHints(redis, createLogger('test', 'silent'));
  const alone = made('scheduled', 2);
  tell(alone);
  await until(() => Promise.resolve(messages.length === 1));
  expect(JSON.parse(messages[0] ?? '')).toEqual({
    submission_id: String(alone.submission._id),
    attempt: 1,
    status: 'scheduled',
    seq: 2,
  });

  const ended = made('graded', 4);
  const key = runnerRecordKey(String(ended.submission._id));
  await redis.set(key, '{}');
  for (const one of [made('running', 3), ended, made('cancelled', 2)]) tell(one);
  await until(() => Promise.resolve(messages.length === 2));
  const hints = SubmissionHints.parse(JSON.parse(messages[1] ?? ''));
  expect(hints.map(({ status, seq }) => [status, seq])).toEqual([
    ['running', 3],
    ['graded', 4],
    ['cancelled', 2],
  ]);
  await until(async () => (await redis.exists(key)) === 0);
});
