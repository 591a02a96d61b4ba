import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Assignment, Submission } from '@cloudemy/contracts';
import { newId, objectId } from '@cloudemy/mongo';
import { verifyReceipt } from '@cloudemy/receipts';
import { until } from '@cloudemy/testing';
import mongoose from 'mongoose';
import { claim, deliver, exampleAssignment, exampleResult } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, signIn } from '../testing/people.js';

const secretWords = 'my-very-own-words';
let stores: TestStores;
let backend: Replica;
let admin: Person;
let assignment: Assignment;
const connection = mongoose.createConnection();
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start(jwtEnv);
  admin = await signIn(backend, adminEmail);
  assignment = await backend.api.createAssignment({ body: exampleAssignment }, { headers: bearer(admin) });
  await connection.openUri(stores.mongoUri, { dbName: 'cloudemy' });
});
afterAll(async () => {
  await connection.close();
  await stores.close();
});

const as = (person: Person) => ({ headers: bearer(person) });

function submit(person: Person): Promise<Submission> {
  const code = `def add(a, b): return a + b # ${secretWords}`;
  return backend.api.createSubmission(
    { body: { assignment_id: assignment.assignment_id, code } },
    as(person),
  );
}

async function graded(person: Person): Promise<Submission> {
  const submission = await submit(person);
  const criteria = exampleResult.criteria.map((one) => ({ ...one, reason: secretWords }));
  const said = { content: secretWords, bytes: 17, sha256: 'x'.repeat(43) };
  const exchange = {
    model: 'm',
    parameters: {},
    repeats: 0,
    end: 'whole',
    reported_model: null,
    total_tokens: 1,
    messages: [{ role: 'user', ...said }],
    answers: [said],
  };
  await deliver(backend, submission.submission_id, await claim(backend, submission), {
    ...exampleResult,
    feedback: secretWords,
    criteria,
    transcript: { exchanges: [exchange], left_out: 0 },
  });
  return submission;
}

const read = ({ submission_id }: Submission) =>
  backend.api.getSubmission({ params: { submission_id } }, as(admin));
const receiptOf = async ({ submission_id: id }: Submission): Promise<Buffer> => {
  const answer = await backend.fetch(`/submissions/${id}/attempts/1/receipt`, as(admin));
  return Buffer.from(await answer.arrayBuffer());
};

/** Everything that is stored, as text. */
async function everything(): Promise<string> {
  const names = await connection.listCollections();
  const all = await Promise.all(names.map(({ name }) => connection.collection(name).find({}).toArray()));
  return JSON.stringify(all);
}

test('of a person who is erased nothing is left but points and salted hashes', async () => {
  const person = await join(backend, admin, ['student'], 'kim-minjun');
  const done = await graded(person);
  const before = JSON.parse((await receiptOf(done)).toString());
  const waiting = await submit(person);
  const text = secretWords;
  const review = { params: { submission_id: done.submission_id }, body: { text } };
  await backend.api.requestReview(review, as(person));
  const lines = { file: 'main.py', start_line: 1, end_line: 1, text };
  await backend.api.createComment({ ...review, body: lines }, as(admin));
  const url = 'https://kim-minjun.example/';
  await backend.api.createWebhook({ body: { url, events: ['submission.graded'] } }, as(person));
  const params = { user_id: person.userId };
  expect(await backend.api.eraseUser({ params }, as(admin))).toMatchObject({
    disabled: true,
    display_name: 'Erased',
  });
  await until(async () => (await read(waiting)).erased_at !== null && (await read(done)).erased_at !== null);
  expect(await read(done)).toMatchObject({ status: 'graded', score: 7, code: '', feedback: null });
  expect(await read(waiting)).toMatchObject({ status: 'cancelled', code: '' });
  const left = await everything();
  for (const words of [secretWords, 'minjun', person.email]) expect(left).not.toContain(words);
  await expect(signIn(backend, person.email)).rejects.toMatchObject({ problem: { code: 'unauthenticated' } });

  const bytes = await receiptOf(done);
  expect(await verifyReceipt(bytes)).toMatchObject({ fits: true, recomputed: 'from the criteria' });
  const { receipt, disclosed } = JSON.parse(bytes.toString());
  expect(disclosed).toEqual({});
  expect(receipt.digests).toEqual(before.receipt.digests);
  const params2 = { submission_id: done.submission_id };
  const again = backend.api.regradeSubmission({ params: params2 }, as(admin));
  await expect(again).rejects.toMatchObject({ problem: { code: 'conflict' } });
});

test('nobody erases themselves, and nobody but an administrator erases', async () => {
  const teacher = await join(backend, admin, ['instructor'], 'teacher');
  const other = await join(backend, admin, ['student'], 'other');
  const erase = (who: Person, whom: Person) =>
    backend.fetch(`/users/${whom.userId}/erase`, { method: 'POST', ...as(who) });
  expect((await erase(admin, admin)).status).toBe(409);
  expect((await erase(teacher, other)).status).toBe(403);
});

test('what is older than the institution keeps it is erased, and what is younger is not', async () => {
  const person = await join(backend, admin, ['student'], 'lee');
  const [old, young] = [await graded(person), await graded(person)];
  const submissions = connection.collection('submissions');
  const stored = await submissions.findOne({ _id: objectId(old.submission_id) });
  const aged = newId(new Date(Date.now() - 40 * 86_400_000)).id;
  await submissions.insertOne({ ...stored, _id: aged });
  const keeping = await stores.start({ ...jwtEnv, SUBMISSION_RETENTION_DAYS: '30' });
  await until(async () => (await submissions.findOne({ _id: aged }))?.['erased_at'] !== undefined);
  expect(await read(young)).toMatchObject({ erased_at: null, feedback: secretWords });
  await keeping.stop();
});
