import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Assignment, Submission } from '@cloudemy/contracts';
import { claim, createAssignment, deliver, exampleResult, read, submit } from '../testing/grading.js';
import { type Replica, type TestStores, serviceAuth, startStores } from '../testing/harness.js';

let stores: TestStores;
let backend: Replica;
let twin: Replica;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start({ REGRADE_IN_FLIGHT: '3' });
  twin = await stores.start({ REGRADE_IN_FLIGHT: '3' });
});
afterAll(() => stores.close());

async function graded(assignment: Assignment): Promise<Submission> {
  const submission = await submit(backend, assignment);
  await deliver(backend, submission.submission_id, await claim(backend, submission), exampleResult);
  return submission;
}

const regrade = (assignment: Assignment, body = {}) =>
  backend.api.regradeAssignment({ params: { assignment_id: assignment.assignment_id }, body });
const progress = (regrade_id: string) => backend.api.getRegrade({ params: { regrade_id } });
const results = async (regrade_id: string) =>
  (await twin.api.listRegradeResults({ params: { regrade_id }, query: {} })).items;

/** Grades whatever a regrade has put on the queue, as scheduler and runner do; how many there were at once. */
async function gradeQueued(assignment: Assignment, result: object): Promise<number> {
  const query = { assignment_id: assignment.assignment_id, status: 'queued' as const };
  const { items } = await backend.api.listSubmissions({ query });
  for (const item of items) {
    const current = await backend.api.getSubmission({ params: { submission_id: item.submission_id } });
    await deliver(twin, item.submission_id, await claim(backend, current), result);
  }
  return items.length;
}

test('grades again only what failed for the reasons named', async () => {
  const assignment = await createAssignment(backend);
  const kept = await graded(assignment);
  const [refused, filtered] = [await submit(backend, assignment), await submit(backend, assignment)];
  const failed = async (one: Submission, code: string) =>
    deliver(backend, one.submission_id, await claim(backend, one), {
      status: 'failed',
      failure: { code, message: 'It failed.', retryable: false },
    });
  await failed(refused, 'llm_refused');
  await failed(filtered, 'llm_content_filtered');
  const begun = await regrade(assignment, { failure_codes: ['llm_refused'] });
  expect(begun).toMatchObject({ statuses: ['failed'], failure_codes: ['llm_refused'] });
  await until(async () => {
    await gradeQueued(assignment, exampleResult);
    return (await progress(begun.regrade_id)).state === 'done';
  });
  const now = await Promise.all([kept, refused, filtered].map((one) => read(twin, one)));
  expect(now.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, 'graded'],
    [2, 'graded'],
    [1, 'failed'],
  ]);
});

test('grades every submission of an assignment again, once, a few at a time, and shows both grades', async () => {
  const assignment = await createAssignment(backend);
  const submissions = await Promise.all(Array.from({ length: 8 }, () => graded(assignment)));
  const cancelled = await submit(backend, assignment);
  await backend.api.cancelSubmission({ params: { submission_id: cancelled.submission_id } });
  const rubric = { criteria: [{ criterion_id: 'correct', title: 'Adds', points: 4 }] };
  const { assignment_id } = assignment;
  await backend.api.updateAssignment({ params: { assignment_id }, body: { rubric } });
  const begun = await regrade(assignment);
  expect(begun).toMatchObject({ state: 'preparing', total: 0, statuses: ['graded', 'failed'] });
  const criteria = [
    { criterion_id: 'correct', met: true, points: 4, max_points: 4, reason: '', evidence: 'return a + b' },
  ];
  let most = 0;
  await until(async () => {
    most = Math.max(
      most,
      await gradeQueued(assignment, { score: 4, criteria, fail_tags: ['verdict-unfounded'] }),
    );
    return (await progress(begun.regrade_id)).state === 'done';
  });
  expect(most).toBeLessThanOrEqual(3);
  await expect(progress(begun.regrade_id)).resolves.toMatchObject({
    total: 8,
    queued: 0,
    running: 0,
    done: 8,
    failed: 0,
    cancelled: 0,
    skipped: 0,
    finished_at: expect.any(String),
  });
  const shown = await results(begun.regrade_id);
  expect(shown.map((item) => item.submission_id)).toEqual(
    submissions.map((one) => one.submission_id).toSorted((a, b) => (a < b ? -1 : 1)),
  );
  for (const item of shown) {
    expect(item).toMatchObject({
      state: 'done',
      old: { attempt: 1, status: 'graded', score: 7, max_score: 10, fail_tags: ['poor-style'] },
      new: { attempt: 2, assignment_version: 2, score: 4, max_score: 4, fail_tags: ['verdict-unfounded'] },
    });
  }
  for (const one of submissions)
    await expect(read(twin, one)).resolves.toMatchObject({ attempt: 2, score: 4 });
  expect((await read(backend, cancelled)).attempt).toBe(1);
  const { items } = await backend.api.listRegrades({ query: { assignment_id } });
  expect(items.map((item) => item.regrade_id)).toEqual([begun.regrade_id]);
  const late = await backend.fetch(`/regrades/${begun.regrade_id}/cancel`, { method: 'POST' });
  expect(late.status).toBe(409);
});

test('leaves alone what a person has graded again meanwhile', async () => {
  const assignment = await createAssignment(backend);
  const submissions = await Promise.all(Array.from({ length: 5 }, () => graded(assignment)));
  const begun = await regrade(assignment);
  await until(async () => (await progress(begun.regrade_id)).total === 5);
  // The last of them: no more than three are begun before one has ended.
  const last = (await results(begun.regrade_id)).at(-1);
  await backend.api.regradeSubmission({ params: { submission_id: last?.submission_id ?? '' } });
  await until(async () => {
    await gradeQueued(assignment, exampleResult);
    return (await progress(begun.regrade_id)).state === 'done';
  });
  await expect(progress(begun.regrade_id)).resolves.toMatchObject({ done: 4, skipped: 1 });
  for (const one of submissions) expect((await read(backend, one)).attempt).toBe(2);
});

test('waits for what is being graded by an older version', async () => {
  const assignment = await createAssignment(backend);
  const running = await submit(backend, assignment);
  const token = await claim(backend, running);
  const { assignment_id } = assignment;
  await backend.api.updateAssignment({ params: { assignment_id }, body: { title: 'Other' } });
  const begun = await regrade(assignment);
  await until(async () => (await progress(begun.regrade_id)).queued === 1);
  await deliver(backend, running.submission_id, token, exampleResult);
  await until(async () => {
    await gradeQueued(assignment, exampleResult);
    return (await progress(begun.regrade_id)).state === 'done';
  });
  await expect(read(backend, running)).resolves.toMatchObject({ attempt: 2, assignment_version: 2 });
});

test('cancelled, it leaves the grades of what has not begun, and counts what has', async () => {
  const assignment = await createAssignment(backend);
  const submissions = await Promise.all(Array.from({ length: 5 }, () => graded(assignment)));
  const begun = await regrade(assignment);
  await until(async () => (await progress(begun.regrade_id)).running === 3);
  const params = { regrade_id: begun.regrade_id };
  await expect(twin.api.cancelRegrade({ params })).resolves.toMatchObject({ state: 'cancelled' });
  await expect(backend.api.cancelRegrade({ params })).resolves.toMatchObject({ state: 'cancelled' });
  await until(async () => {
    await gradeQueued(assignment, exampleResult);
    return (await progress(begun.regrade_id)).finished_at !== null;
  });
  await expect(progress(begun.regrade_id)).resolves.toMatchObject({ done: 3, cancelled: 2, queued: 0 });
  const now = await Promise.all(submissions.map((one) => read(backend, one)));
  expect(now.every(({ status }) => status === 'graded')).toBe(true);
});

test('cancelled and resumed, it grades again what it had not come to, and nothing twice', async () => {
  const assignment = await createAssignment(backend);
  const submissions = await Promise.all(Array.from({ length: 5 }, () => graded(assignment)));
  const begun = await regrade(assignment);
  await until(async () => (await progress(begun.regrade_id)).running === 3);
  const params = { regrade_id: begun.regrade_id };
  await backend.api.cancelRegrade({ params });
  await until(async () => {
    await gradeQueued(assignment, exampleResult);
    return (await progress(begun.regrade_id)).finished_at !== null;
  });
  await expect(twin.api.resumeRegrade({ params })).resolves.toMatchObject({ finished_at: null });
  await backend.api.resumeRegrade({ params });
  await until(async () => {
    await gradeQueued(assignment, exampleResult);
    return (await progress(begun.regrade_id)).state === 'done';
  });
  await expect(progress(begun.regrade_id)).resolves.toMatchObject({ total: 5, done: 5, cancelled: 0 });
  const now = await Promise.all(submissions.map((one) => read(backend, one)));
  expect(now.map(({ attempt }) => attempt)).toEqual([2, 2, 2, 2, 2]);
  await expect(backend.api.resumeRegrade({ params })).rejects.toMatchObject({ status: 409 });
});

test('regrades are in the slower lane', async () => {
  const assignment = await createAssignment(backend);
  await graded(assignment);
  const begun = await regrade(assignment);
  await until(async () => (await progress(begun.regrade_id)).running === 1);
  const [item] = await results(begun.regrade_id);
  const params = { submission_id: item?.submission_id ?? '' };
  const place = async () => (await backend.api.getSubmission({ params })).queue;
  await until(async () => (await place()) !== null);
  const before = await place();
  expect(before?.lane).toBe('bulk');
  const user = await backend.api.createUser({ body: { email: 'new@example.com', display_name: 'New' } });
  const { assignment_id } = assignment;
  const body = { assignment_id, code: 'x', user_id: user.user_id };
  const newcomer = await backend.api.createSubmission({ body });
  await until(async () => (await read(backend, newcomer)).queue !== null);
  await expect(read(backend, newcomer)).resolves.toMatchObject({ queue: { lane: 'normal' } });
  await expect(place()).resolves.toMatchObject({ ahead: (before?.ahead ?? 0) + 1 });
  await backend.api.cancelSubmission({ params: { submission_id: newcomer.submission_id } });
});

describe('refuses', () => {
  const id = 'ffffffffffffffffffffffff';
  test.each([
    [`/assignments/${id}/regrade`, {}, 404],
    [`/assignments/${id}/regrade`, { statuses: ['queued'] }, 422],
    [`/assignments/${id}/regrade`, { statuses: [] }, 422],
    [`/assignments/${id}/regrade`, { states: ['graded'] }, 422],
    [`/regrades/${id}/cancel`, {}, 404],
    [`/regrades/${id}/resume`, {}, 404],
  ])('%s with %j by %i', async (path, body, status) => {
    const answer = await backend.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...serviceAuth },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(status);
  });

  test('to show what is not there', async () => {
    expect((await backend.fetch(`/regrades/${id}`)).status).toBe(404);
    expect((await backend.fetch(`/regrades/${id}/results`)).status).toBe(404);
  });
});
