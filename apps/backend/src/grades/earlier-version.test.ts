import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { SubmissionSummary } from '@cloudemy/contracts';
import { verifyReceipt } from '@cloudemy/receipts';
import mongoose from 'mongoose';
import { exampleResult } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';

// Written by the version before grades were changed by people (791ba7a): graded; graded twice; graded and then failed;
// graded and waiting to be graded again.
const fixture = new URL('../../src/testing/fixtures/before-grades-by-people.json', import.meta.url);

let stores: TestStores;
let backend: Replica;
let items: SubmissionSummary[];
beforeAll(async () => {
  stores = await startStores();
  const { EJSON } = mongoose.mongo.BSON;
  const collections: Record<string, object[]> = EJSON.parse(await readFile(fixture, 'utf8'));
  const connection = await mongoose.createConnection(stores.mongoUri, { dbName: 'cloudemy' }).asPromise();
  for (const [name, documents] of Object.entries(collections)) {
    await connection.collection(name).insertMany(documents);
  }
  await connection.close();
  backend = await stores.start();
  ({ items } = await backend.api.listSubmissions({}));
});
afterAll(() => stores.close());

const nth = (position: number): { submission_id: string } => {
  const found = items.toReversed()[position];
  if (found === undefined) throw new Error('the fixture holds fewer');
  return { submission_id: found.submission_id };
};

test('a database of the version before keeps every grade', () => {
  const grades = items
    .toReversed()
    .map(({ status, attempt, grade }) => [status, attempt, grade?.attempt, grade?.score]);
  expect(grades).toEqual([
    ['graded', 1, 1, 7],
    ['graded', 2, 2, 9],
    ['failed', 2, 1, 7],
    ['queued', 2, 1, 7],
  ]);
  for (const { grade } of items)
    expect(grade).toMatchObject({ source: 'attempt', actor: 'runner', version: 1 });
});

test('its attempts are read, restored and taken back', async () => {
  const params = nth(1);
  const first = await backend.api.getAttempt({ params: { ...params, attempt: 1 } });
  expect(first).toMatchObject({ score: 7, in_force: false, feedback: exampleResult.feedback });
  expect(first.assignment).toMatchObject({ version: 1, title: 'Add two numbers' });
  const body = { attempt: 1, reason: 'The first was right.', version: 1 };
  const restored = await backend.api.restoreGrade({ params, body });
  expect(restored).toMatchObject({ score: 7, criteria: [{ met: true }, { met: false }] });
  const undone = await backend.api.undoGrade({ params, body: { reason: 'It was not.' } });
  expect(undone).toMatchObject({ score: 9, grade: { source: 'undone', attempt: 2 } });
  const { items: changes } = await backend.api.listGradeChanges({ params });
  expect(changes.map(({ source }) => source)).toEqual(['attempt', 'attempt', 'restored', 'undone']);
});

test('a grade whose later attempt waits stays when that is cancelled', async () => {
  const cancelled = await backend.api.cancelSubmission({ params: nth(3) });
  expect(cancelled).toMatchObject({ status: 'cancelled', score: 7, grade: { attempt: 1 } });
});

test('its attempts have receipts that fit', async () => {
  for (const [position, attempt] of [
    [0, 1],
    [1, 1],
    [1, 2],
    [2, 2],
  ] as const) {
    const { submission_id: id } = nth(position);
    const answer = await backend.fetch(`/submissions/${id}/attempts/${attempt}/receipt`);
    const verdict = await verifyReceipt(Buffer.from(await answer.arrayBuffer()));
    expect(verdict).toMatchObject({ fits: true });
  }
});
