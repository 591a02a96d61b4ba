import { until } from '@cloudemy/testing';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Assignment } from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import mongoose from 'mongoose';
import {
  claim,
  createAssignment,
  deliver,
  exampleFailure,
  exampleResult,
  path,
  read,
  resultOf,
  submit,
} from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { openStores } from '../stores.js';
import { ResultTokens } from './token.js';

let stores: TestStores;
let backend: Replica;
let twin: Replica;
let assignment: Assignment;
const connection = mongoose.createConnection();
const { results } = openStores(connection);
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start();
  twin = await stores.start();
  assignment = await createAssignment(backend);
  await connection.openUri(stores.mongoUri, { dbName: 'cloudemy' });
});
afterAll(async () => {
  await connection.close();
  await stores.close();
});

async function claimed() {
  const submission = await submit(backend, assignment);
  return { submission, id: submission.submission_id, token: await claim(backend, submission) };
}

test('takes a grade and answers a repeat with the same', async () => {
  const { submission, id, token } = await claimed();
  const first = await deliver(backend, id, token, exampleResult);
  expect(first.status).toBe(200);
  const answer = await first.json();
  expect(answer).toEqual({ submission_id: id, attempt: 1, status: 'graded', score: 7 });
  const repeat = await deliver(twin, id, token, { ...exampleResult, score: 1 });
  expect([repeat.status, await repeat.json()]).toEqual([200, answer]);
  const graded = await read(twin, submission);
  const { status: _, ...taken } = exampleResult;
  expect(graded).toMatchObject({ status: 'graded', failure: null, ...taken });
  expect(path(graded)).toEqual(['queued', 'scheduled', 'graded']);
});

test('is not told anything by a runner that dies while it speaks: the next one is heard', async () => {
  for (const share of [0, 0.5, 1]) {
    const { submission, id, token } = await claimed();
    await dyingRunner(id, token, share);
    expect(await (await deliver(backend, id, token, exampleResult)).json()).toMatchObject({ score: 7 });
    expect(path(await read(backend, submission))).toEqual(['queued', 'scheduled', 'graded']);
  }
});

/** Sends the head of a callback and this share of its body, and is gone. */
async function dyingRunner(id: string, token: string, share: number): Promise<void> {
  const body = Buffer.from(JSON.stringify(exampleResult));
  const head = [
    `POST /internal/submissions/${id}/result HTTP/1.1`,
    'host: 127.0.0.1',
    `x-result-token: ${token}`,
    `content-length: ${body.length}`,
    '\r\n',
  ];
  const socket = connect(Number(new URL(backend.base).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(Buffer.concat([Buffer.from(head.join('\r\n')), body.subarray(0, body.length * share)]));
  socket.destroy();
  await once(socket, 'close');
}

test('takes a failure with its reason', async () => {
  const { submission, id, token } = await claimed();
  const answer = await deliver(backend, id, token, { status: 'failed', failure: exampleFailure });
  expect(await answer.json()).toMatchObject({ status: 'failed', score: null });
  const failed = await read(backend, submission);
  expect(failed).toMatchObject({ status: 'failed', failure: exampleFailure, score: null });
  expect(failed.history.at(-1)).toMatchObject({ actor: 'runner', reason: exampleFailure.message });
});

describe('a token', () => {
  const tokens = (ttlMs: number) =>
    new ResultTokens('a secret for result tokens in the tests', undefined, ttlMs);

  test('must be there, right, in time and for this submission, or nothing changes', async () => {
    const { submission, id, token } = await claimed();
    const other = await claimed();
    const expired = await tokens(-1_000).sign({ submissionId: id, attempt: 1 });
    const future = await tokens(60_000).sign({ submissionId: id, attempt: 2 });
    for (const wrong of [undefined, '', 'nonsense', `${token}x`, other.token, expired, future]) {
      for (const body of [exampleResult, '{"broken', { score: -1 }]) {
        const answer = await deliver(backend, id, wrong, body);
        expect(answer.status).toBe(401);
        expect(await answer.json()).toMatchObject({ code: 'invalid_result_token' });
      }
    }
    expect(path(await read(backend, submission))).toEqual(['queued', 'scheduled']);
    await expect(results.countDocuments({ submission_id: objectId(id) })).resolves.toBe(0);
  });

  test('must agree with the attempt the body speaks of', async () => {
    const { submission, id, token } = await claimed();
    expect((await deliver(backend, id, token, { ...exampleResult, attempt: 2 })).status).toBe(401);
    expect((await read(backend, submission)).status).toBe('scheduled');
    expect((await deliver(backend, id, token, { ...exampleResult, attempt: 1 })).status).toBe(200);
  });

  test('is no good for a submission that does not exist', async () => {
    const id = 'ffffffffffffffffffffffff';
    const token = await tokens(60_000).sign({ submissionId: id, attempt: 1 });
    expect((await deliver(backend, id, token, exampleResult)).status).toBe(401);
  });
});

test.each<[string, unknown]>([
  ['out of range', { ...exampleResult, score: 11 }],
  ['malformed', '{"score": 7'],
  ['of the wrong types', { score: '7' }],
])('fails a submission whose result is %s, and keeps the payload', async (_what, payload) => {
  const { submission, id, token } = await claimed();
  for (let time = 0; time < 2; time += 1) {
    const answer = await deliver(backend, id, token, payload);
    expect([answer.status, await answer.json()]).toEqual([
      422,
      expect.objectContaining({ code: 'result_ungradable' }),
    ]);
  }
  const good = await deliver(backend, id, token, exampleResult);
  expect(good.status).toBe(422);
  const failed = await read(backend, submission);
  expect(failed).toMatchObject({ status: 'failed', failure: { code: 'result_ungradable' }, score: null });
  const kept = await results.findOne({ _id: `${id}-1` });
  expect(kept?.verdict).toMatchObject({
    kind: 'ungradable',
    raw: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
});

test('changes nothing about a submission that was cancelled meanwhile', async () => {
  const { submission, id, token } = await claimed();
  await backend.api.cancelSubmission({ params: { submission_id: id } });
  for (let time = 0; time < 2; time += 1) {
    const answer = await deliver(backend, id, token, exampleResult);
    expect(await answer.json()).toMatchObject({ status: 409, code: 'submission_final' });
  }
  expect((await read(backend, submission)).score).toBeNull();
});

test('refuses a result larger than any', async () => {
  const { id, token } = await claimed();
  const answer = await deliver(backend, id, token, { ...exampleResult, feedback: 'x'.repeat(3_000_000) });
  expect(answer.status).toBe(413);
});

describe('races', () => {
  test('one of many different results wins, and all hear of the same', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { submission, id, token } = await claimed();
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          deliver(n % 2 === 0 ? backend : twin, id, token, resultOf(n, { feedback: `n${n}` })),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
      const heard = await Promise.all(answers.map((answer) => answer.json()));
      const { score, feedback, ...graded } = await read(backend, submission);
      expect(feedback).toBe(`n${score}`);
      for (const one of heard) expect(one).toMatchObject({ score, status: 'graded' });
      expect(graded.history.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    }
  });

  test('a result, a failure report and a cancellation end an attempt once', async () => {
    for (let round = 0; round < 6; round += 1) {
      const { submission, id, token } = await claimed();
      await Promise.all([
        deliver(backend, id, token, exampleResult),
        twin.fetch(`/submissions/${id}/cancel`, { method: 'POST' }),
        deliver(twin, id, token, '{'),
      ]);
      const ended = await read(backend, submission);
      expect(path(ended)).toEqual(['queued', 'scheduled', ended.status]);
      expect(ended.score === null).toBe(ended.status !== 'graded');
      expect(ended.failure === null).toBe(ended.status !== 'failed');
    }
  });
});

test('a result that was noted when the process died is applied by another', async () => {
  const { submission, id } = await claimed();
  await results.insertOne({
    _id: `${id}-1`,
    submission_id: new mongoose.Types.ObjectId(id),
    attempt: 1,
    assignment_version: 1,
    verdict: { kind: 'graded', result: { ...exampleResult, status: 'graded' } },
    received_at: new Date(),
    applied: false,
    accepted: null,
  });
  await until(async () => (await read(twin, submission)).status === 'graded');
  expect((await read(twin, submission)).score).toBe(7);
  await until(async () => (await results.findOne({ _id: `${id}-1` }))?.applied === true);
});
