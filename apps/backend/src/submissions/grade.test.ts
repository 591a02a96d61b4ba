import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Assignment, Submission } from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import mongoose from 'mongoose';
import {
  claim,
  createAssignment,
  deliver,
  exampleAssignment,
  exampleFailure,
  exampleResult,
  read,
  resultOf,
  submit,
} from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, signIn } from '../testing/people.js';

let stores: TestStores;
let backend: Replica;
let assignment: Assignment;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start();
  assignment = await createAssignment(backend);
});
afterAll(() => stores.close());

const inForce = {
  score: 7,
  max_score: 10,
  fail_tags: ['poor-style'],
  feedback: 'It adds.',
  criteria: exampleResult.criteria,
  grade: { attempt: 1, assignment_version: 1, score: 7, max_score: 10, graded_at: expect.any(String) },
};

async function graded(): Promise<Submission> {
  const submission = await submit(backend, assignment);
  await deliver(backend, submission.submission_id, await claim(backend, submission), exampleResult);
  return read(backend, submission);
}

const regrade = ({ submission_id }: Submission) =>
  backend.api.regradeSubmission({ params: { submission_id } });

describe('the grade in force', () => {
  test('is there once an attempt was graded, and not before', async () => {
    expect(await submit(backend, assignment)).toMatchObject({ grade: null, score: null });
    expect(await graded()).toMatchObject({ status: 'graded', ...inForce });
  });

  test('stays while a regrade waits and runs, and is replaced by its grade', async () => {
    const first = await graded();
    const queued = await regrade(first);
    expect(queued).toMatchObject({ status: 'queued', attempt: 2, ...inForce });
    const token = await claim(backend, queued);
    expect(await read(backend, first)).toMatchObject({ status: 'scheduled', ...inForce });
    await deliver(backend, first.submission_id, token, resultOf(9));
    const after = await read(backend, first);
    expect(after).toMatchObject({ status: 'graded', score: 9, grade: { attempt: 2, score: 9 } });
    expect(after.attempts.map(({ score }) => score)).toEqual([7, 9]);
  });

  test('stays when a regrade fails, which says why', async () => {
    const first = await graded();
    const token = await claim(backend, await regrade(first));
    await deliver(backend, first.submission_id, token, { status: 'failed', failure: exampleFailure });
    const after = await read(backend, first);
    expect(after).toMatchObject({ status: 'failed', failure: exampleFailure, ...inForce });
  });

  test('stays when a regrade is cancelled', async () => {
    const first = await graded();
    await regrade(first);
    const params = { submission_id: first.submission_id };
    expect(await backend.api.cancelSubmission({ params })).toMatchObject({ status: 'cancelled', ...inForce });
  });

  test('is shown in lists and counts in the figures of the assignment', async () => {
    const own = await backend.api.createAssignment({ body: exampleAssignment });
    const submission = await submit(backend, own);
    await deliver(backend, submission.submission_id, await claim(backend, submission), exampleResult);
    await regrade(submission);
    const query = { assignment_id: own.assignment_id };
    const { items } = await backend.api.listSubmissions({ query });
    const { grade, score } = inForce;
    expect(items).toMatchObject([{ status: 'queued', score, grade }]);
    const stats = await backend.api.getAssignmentStats({ params: { assignment_id: own.assignment_id } });
    expect(stats).toMatchObject({ by_status: { queued: 1 }, scores: { mean: 0.7 } });
  });
});

describe('a submission that an earlier version has stored', () => {
  /** Its judgement lies beside its state, and there is no grade. */
  async function former(): Promise<Submission> {
    const submission = await graded();
    const connection = await mongoose.createConnection(stores.mongoUri, { dbName: 'cloudemy' }).asPromise();
    const { score, fail_tags, feedback, criteria } = exampleResult;
    await connection
      .collection('submissions')
      .updateOne(
        { _id: objectId(submission.submission_id) },
        { $set: { score, fail_tags, feedback, criteria }, $unset: { grade: '' } },
      );
    await connection.close();
    return submission;
  }

  test('has its grade', async () => {
    const submission = await former();
    expect(await read(backend, submission)).toMatchObject(inForce);
    const { items } = await backend.api.listSubmissions({ query: { limit: 1 } });
    expect(items).toMatchObject([
      { submission_id: submission.submission_id, score: 7, grade: inForce.grade },
    ]);
  });

  test('keeps it when it is graded again', async () => {
    const submission = await former();
    expect(await regrade(submission)).toMatchObject({ status: 'queued', ...inForce });
    expect(await read(backend, submission)).toMatchObject({ status: 'queued', ...inForce });
  });
});

describe('a student', () => {
  let here: Replica;
  let student: Person;
  let teacher: Person;
  let theirs: Assignment;
  beforeAll(async () => {
    here = await stores.start(jwtEnv);
    const admin = await signIn(here, adminEmail);
    student = await join(here, admin, ['student'], 'student');
    teacher = await join(here, admin, ['instructor'], 'teacher');
    theirs = await here.api.createAssignment({ body: exampleAssignment }, { headers: bearer(teacher) });
  });
  const cancel = (person: Person, { submission_id }: Submission) =>
    here.fetch(`/submissions/${submission_id}/cancel`, { method: 'POST', headers: bearer(person) });
  const submitted = () =>
    here.api.createSubmission(
      { body: { assignment_id: theirs.assignment_id, code: 'return a + b' } },
      { headers: bearer(student) },
    );

  test('cancels what they have submitted', async () => {
    const answer = await cancel(student, await submitted());
    expect([answer.status, await answer.json()]).toMatchObject([200, { status: 'cancelled' }]);
  });

  test('cannot cancel what the teacher has graded again, and the teacher can', async () => {
    const submission = await submitted();
    const { submission_id } = submission;
    await deliver(here, submission_id, await claim(here, submission), exampleResult);
    await here.api.regradeSubmission({ params: { submission_id } }, { headers: bearer(teacher) });
    const refused = await cancel(student, submission);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('Others asked') });
    expect((await cancel(teacher, submission)).status).toBe(200);
    const after = await here.api.getSubmission({ params: { submission_id } }, { headers: bearer(student) });
    expect(after).toMatchObject({ status: 'cancelled', score: 7 });
  });
});
