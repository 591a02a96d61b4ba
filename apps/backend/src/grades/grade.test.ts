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
  grade: {
    source: 'attempt',
    actor: 'runner',
    attempt: 1,
    assignment_version: 1,
    score: 7,
    max_score: 10,
    graded_at: expect.any(String),
  },
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

describe('an earlier attempt', () => {
  async function gradedTwice(): Promise<Submission> {
    const first = await graded();
    await deliver(backend, first.submission_id, await claim(backend, await regrade(first)), resultOf(9));
    return read(backend, first);
  }
  const as = ({ submission_id }: Submission) => ({ submission_id });

  test('is read with its whole result and the rubric that it was graded by', async () => {
    const own = await createAssignment(backend);
    const submission = await submit(backend, own);
    const { submission_id } = submission;
    await deliver(backend, submission_id, await claim(backend, submission), exampleResult);
    const criteria = [{ criterion_id: 'correct', title: 'Subtracts', points: 4 }];
    const { assignment_id } = own;
    await backend.api.updateAssignment({ params: { assignment_id }, body: { rubric: { criteria } } });
    await claim(backend, await regrade(submission));
    const detail = await backend.api.getAttempt({ params: { submission_id, attempt: 1 } });
    const { feedback, criteria: judged } = exampleResult;
    expect(detail).toMatchObject({ attempt: 1, score: 7, in_force: true, feedback, criteria: judged });
    expect(detail.assignment).toMatchObject({ version: 1, rubric: exampleAssignment.rubric });
    const current = await backend.api.getAttempt({ params: { submission_id, attempt: 2 } });
    expect(current).toMatchObject({ score: null, in_force: false, criteria: [], assignment: { version: 2 } });
    const missing = await backend.fetch(`/submissions/${submission_id}/attempts/3`);
    expect(missing.status).toBe(404);
  });

  test('is put in force again by name, with a reason, and that is undone', async () => {
    const submission = await gradedTwice();
    const params = as(submission);
    const body = {
      attempt: 1,
      reason: 'The second one misread it.',
      version: submission.grade?.version ?? 0,
    };
    const restored = await backend.api.restoreGrade({ params, body });
    const { score, feedback, criteria } = inForce;
    expect(restored).toMatchObject({ status: 'graded', attempt: 2, score, feedback, criteria });
    expect(restored.grade).toMatchObject({ source: 'restored', attempt: 1, reason: body.reason });
    const undone = await backend.api.undoGrade({ params, body: { reason: 'It did not.' } });
    expect(undone.grade).toMatchObject({ source: 'undone', attempt: 2, score: 9 });
    const { items } = await backend.api.listGradeChanges({ params });
    expect(items.map((one) => [one.source, one.attempt, one.score])).toEqual([
      ['attempt', 1, 7],
      ['attempt', 2, 9],
      ['restored', 1, 7],
      ['undone', 2, 9],
    ]);
    expect(items.map(({ actor }) => actor.split(':')[0])).toEqual(['runner', 'runner', 'user', 'user']);
    expect(undone.attempts).toHaveLength(2);
  });

  test('is not put in force over a grade that was not looked at', async () => {
    const submission = await gradedTwice();
    const version = submission.grade?.version ?? 0;
    const body = { attempt: 1, reason: 'First.', version };
    await backend.api.restoreGrade({ params: as(submission), body });
    const second = backend.api.undoGrade({ params: as(submission), body: { reason: 'Second.', version } });
    await expect(second).rejects.toMatchObject({ problem: { code: 'version_mismatch' } });
  });

  test('without a grade cannot be put in force, and the first grade cannot be undone', async () => {
    const submission = await graded();
    await claim(backend, await regrade(submission));
    const params = as(submission);
    const restore = backend.api.restoreGrade({ params, body: { attempt: 2, reason: 'x' } });
    await expect(restore).rejects.toMatchObject({ problem: { code: 'conflict' } });
    const undo = backend.api.undoGrade({ params, body: { reason: 'x' } });
    await expect(undo).rejects.toMatchObject({ problem: { code: 'conflict' } });
  });

  test('counts in the figures of the assignment when it is put in force', async () => {
    const own = await createAssignment(backend);
    const submission = await submit(backend, own);
    await deliver(backend, submission.submission_id, await claim(backend, submission), exampleResult);
    await deliver(
      backend,
      submission.submission_id,
      await claim(backend, await regrade(submission)),
      resultOf(9),
    );
    await backend.api.restoreGrade({ params: as(submission), body: { attempt: 1, reason: 'Fairer.' } });
    const stats = await backend.api.getAssignmentStats({ params: { assignment_id: own.assignment_id } });
    expect(stats).toMatchObject({ scores: { mean: 0.7 } });
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
