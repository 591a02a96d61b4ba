import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Assignment, Submission } from '@cloudemy/contracts';
import mongoose from 'mongoose';
import { claim, createAssignment, deliver, exampleResult, read, submit } from '../testing/grading.js';
import { type Replica, type TestStores, serviceAuth, startStores } from '../testing/harness.js';

let stores: TestStores;
let backend: Replica;
let connection: mongoose.Connection;
let spending: mongoose.mongo.Collection<{ _id: string; tokens: number }>;
beforeAll(async () => {
  stores = await startStores();
  connection = await mongoose.createConnection(stores.mongoUri, { dbName: 'cloudemy' }).asPromise();
  spending = connection.getClient().db('cloudemy').collection('spending');
  backend = await stores.start({
    MAX_TOKENS_PER_ASSIGNMENT_PER_DAY: '10',
    MAX_TOKENS_PER_DAY: '20',
  });
});
afterAll(async () => {
  await connection.close();
  await stores.close();
});

const outcome = async ({ submission_id, attempt }: Submission): Promise<string | undefined> => {
  const body = { items: [{ submission_id, attempt }] };
  const { items } = await backend.api.claimSubmissions({ body }, { headers: serviceAuth });
  return items[0]?.outcome;
};

/** Grades one submission, which costs 12 tokens; whole when they are counted. */
async function spend(assignment: Assignment): Promise<void> {
  const submission = await submit(backend, assignment);
  await deliver(backend, submission.submission_id, await claim(backend, submission), exampleResult);
  await until(async () => {
    const ofAssignment = new RegExp(`:${assignment.assignment_id}$`);
    return (await spending.countDocuments({ _id: ofAssignment, tokens: 12 })) === 1;
  });
}

test('what a day may cost is a limit, of an assignment and in all: the queue waits, and says so', async () => {
  const [one, other] = [await createAssignment(backend), await createAssignment(backend)];
  const held = { status: 'queued', attempt: 1, waiting: { code: 'llm_budget_spent' } };
  await spend(one);
  const waiting = await submit(backend, one);
  expect(await outcome(waiting)).toBe('unknown');
  const shown = await read(backend, waiting);
  expect(shown).toMatchObject(held);
  expect(shown.waiting?.message).toContain('Grading goes on tomorrow by itself');
  // Another assignment has a budget of its own, until that of the day is spent.
  await spend(other);
  const third = await submit(backend, await createAssignment(backend));
  expect(await outcome(third)).toBe('unknown');
  expect(await read(backend, third)).toMatchObject(held);
});
