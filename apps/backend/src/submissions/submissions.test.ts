import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Assignment } from '@cloudemy/contracts';
import {
  claim,
  createAssignment,
  deliver,
  exampleAssignment,
  exampleResult,
  path,
  read,
  submit,
} from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';

let stores: TestStores;
let backend: Replica;
let assignment: Assignment;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start();
  assignment = await createAssignment(backend);
});
afterAll(() => stores.close());

const post = (submissionId: string, what: string) =>
  backend.fetch(`/submissions/${submissionId}/${what}`, { method: 'POST' });

describe('cancelling', () => {
  test('ends a submission once and for all', async () => {
    const submission = await submit(backend, assignment);
    const params = { submission_id: submission.submission_id };
    const cancelled = await backend.api.cancelSubmission({ params });
    expect(cancelled).toMatchObject({ status: 'cancelled', finished_at: expect.any(String) });
    await expect(backend.api.cancelSubmission({ params })).resolves.toEqual(cancelled);
    expect(path(cancelled)).toEqual(['queued', 'cancelled']);
  });

  test('comes too late for a graded one', async () => {
    const submission = await submit(backend, assignment);
    const token = await claim(backend, submission);
    await deliver(backend, submission.submission_id, token, exampleResult);
    const answer = await post(submission.submission_id, 'cancel');
    expect(await answer.json()).toMatchObject({ status: 409, code: 'submission_final' });
  });

  test('knows no other submission', async () => {
    expect((await post('ffffffffffffffffffffffff', 'cancel')).status).toBe(404);
    expect((await post('x', 'cancel')).status).toBe(422);
  });
});

describe('regrading', () => {
  test('begins a new attempt by the assignment as it is now, and keeps the history', async () => {
    const own = await createAssignment(backend);
    const submission = await submit(backend, own);
    const { submission_id } = submission;
    const token = await claim(backend, submission);
    await deliver(backend, submission_id, token, exampleResult);
    const rubric = { criteria: [{ criterion_id: 'correct', title: 'Adds', points: 2 }] };
    await backend.api.updateAssignment({ params: { assignment_id: own.assignment_id }, body: { rubric } });
    expect(await read(backend, submission)).toMatchObject({ score: 7, max_score: 10, assignment_version: 1 });
    const queued = await backend.api.regradeSubmission({ params: { submission_id } });
    expect(queued).toMatchObject({
      status: 'queued',
      attempt: 2,
      score: 7,
      max_score: 10,
      grade: { attempt: 1, assignment_version: 1, score: 7, max_score: 10 },
      assignment_version: 2,
      criteria: exampleResult.criteria,
      metrics: null,
      finished_at: null,
      code: submission.code,
    });
    expect(path(queued)).toEqual(['queued', 'scheduled', 'graded', 'queued']);
    const stale = await deliver(backend, submission_id, token, exampleResult);
    expect(await stale.json()).toMatchObject({ status: 409, code: 'stale_attempt' });
    const fresh = await deliver(backend, submission_id, await claim(backend, queued), {
      score: 2,
      criteria: rubric.criteria.map(({ criterion_id, points }) => ({
        criterion_id,
        met: true,
        points,
        max_points: points,
        reason: '',
        evidence: 'return a + b',
      })),
    });
    expect(fresh.status).toBe(200);
    expect(await read(backend, submission)).toMatchObject({ status: 'graded', attempt: 2, score: 2 });
  });

  test('waits for the end of the attempt under way, and happens once of many at once', async () => {
    const submission = await submit(backend, assignment);
    expect((await post(submission.submission_id, 'regrade')).status).toBe(409);
    await post(submission.submission_id, 'cancel');
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => post(submission.submission_id, 'regrade')),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
    expect((await read(backend, submission)).attempt).toBe(2);
  });
});

describe('lists', () => {
  const list = (query: string) => backend.fetch(`/submissions?${query}`);

  test('give every submission once, newest first, whatever the size of the page', async () => {
    const own = await createAssignment(backend);
    const made: string[] = [];
    for (let n = 0; n < 7; n += 1) made.push((await submit(backend, own)).submission_id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = { assignment_id: own.assignment_id, limit: 3, ...(cursor ? { cursor } : {}) };
      const page = await backend.api.listSubmissions({ query });
      seen.push(...page.items.map((item) => item.submission_id));
      cursor = page.next_cursor ?? undefined;
      // What is new belongs to no later page.
      await submit(backend, own);
    } while (cursor !== undefined);
    expect(seen).toEqual(made.toReversed());
  });

  test('are narrowed by state, user and time, and say nothing of code', async () => {
    const own = await createAssignment(backend);
    const user = await backend.api.createUser({ body: { email: 'l@example.com', display_name: 'L' } });
    const body = { assignment_id: own.assignment_id, code: 'x', user_id: user.user_id };
    const mine = await backend.api.createSubmission({ body });
    await submit(backend, own);
    const params = { submission_id: mine.submission_id };
    const cancelled = await backend.api.cancelSubmission({ params });
    const ids = async (query: object) =>
      (
        await backend.api.listSubmissions({ query: { assignment_id: own.assignment_id, ...query } })
      ).items.map((item) => item.submission_id);
    await expect(ids({ status: 'cancelled' })).resolves.toEqual([mine.submission_id]);
    await expect(ids({ user_id: user.user_id })).resolves.toEqual([mine.submission_id]);
    await expect(ids({ created_before: mine.created_at })).resolves.toEqual([]);
    await expect(ids({ created_after: mine.created_at })).resolves.toHaveLength(2);
    const { items } = await backend.api.listSubmissions({ query: { user_id: user.user_id } });
    const {
      code: _code,
      files: _files,
      feedback: _f,
      criteria: _c,
      metrics: _m,
      history: _h,
      attempts: _a,
      queue: _q,
      ...summary
    } = cancelled;
    expect(items).toEqual([summary]);
  });

  test.each([
    ['limit=-1', 'limit'],
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=1e9', 'limit'],
    ['limit=many', 'limit'],
    ['cursor=garbage', 'cursor'],
    ['cursor=W10', 'cursor'],
    ['status=lost', 'status'],
    ['user_id=me', 'user_id'],
    ['created_after=yesterday', 'created_after'],
    ['sort=score', 'sort'],
  ])('refuse %s', async (query, field) => {
    const answer = await list(query);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ errors: [{ in: 'query', path: field }] });
  });

  test('refuse a cursor with other filters than its own, and of another list', async () => {
    const own = await createAssignment(backend);
    await submit(backend, own);
    await submit(backend, own);
    const { next_cursor: cursor } = await backend.api.listSubmissions({ query: { limit: 1 } });
    for (const path of [`/submissions?status=queued&cursor=${cursor}`, `/assignments?cursor=${cursor}`]) {
      const answer = await backend.fetch(path);
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({ errors: [{ in: 'query', path: 'cursor' }] });
    }
  });
});

test('keeps assignments apart by the language they are in', async () => {
  const own = await backend.api.createAssignment({ body: { ...exampleAssignment, language: 'go' } });
  await expect(submit(backend, own)).resolves.toMatchObject({ language: 'go' });
});
