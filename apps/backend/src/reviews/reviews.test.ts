import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Assignment, Submission } from '@cloudemy/contracts';
import fc from 'fast-check';
import { claim, deliver, exampleAssignment, exampleFailure, resultOf } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, signIn } from '../testing/people.js';

let stores: TestStores;
let backend: Replica;
let teacher: Person;
let other: Person;
let student: Person;
let assignment: Assignment;

beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start({
    ...jwtEnv,
    MAX_WAITING_PER_ASSIGNMENT: '1000',
    MAX_WAITING_PER_USER: '1000',
  });
  const admin = await signIn(backend, adminEmail);
  teacher = await join(backend, admin, ['instructor'], 'teacher');
  other = await join(backend, admin, ['instructor'], 'other');
  student = await join(backend, admin, ['student'], 'student');
  assignment = await newAssignment();
});
afterAll(() => stores.close());

const as = (who: Person) => ({ headers: bearer(who) });
const newAssignment = () => backend.api.createAssignment({ body: exampleAssignment }, as(teacher));
const of = ({ submission_id }: Submission) => ({ submission_id });
const read = (one: Submission, who = teacher) => backend.api.getSubmission({ params: of(one) }, as(who));

async function submitted(to = assignment): Promise<Submission> {
  const body = { assignment_id: to.assignment_id, code: 'def add(a, b):\n    return a + b' };
  return backend.api.createSubmission({ body }, as(student));
}

async function graded(result: object = resultOf(7), to = assignment): Promise<Submission> {
  const submission = await submitted(to);
  await deliver(backend, submission.submission_id, await claim(backend, submission), result);
  return read(submission);
}

const decide = (one: Submission, body: object, who = teacher) =>
  backend.api.decideGrade({ params: of(one), body: { reason: 'I looked.', ...body } }, as(who));
const style = (points: number) => ({ criteria: [{ criterion_id: 'style', points, reason: 'Named well.' }] });

describe('a decision', () => {
  test('changes a criterion and the sum, beside what the grader said, and is undone', async () => {
    const before = await graded();
    const after = await decide(before, style(2));
    expect(after).toMatchObject({
      score: 9,
      fail_tags: [],
      grade: { source: 'decided', reason: 'I looked.' },
    });
    expect(after.criteria[1]).toMatchObject({
      points: 2,
      met: true,
      reason: 'Named well.',
      original: { met: false, points: 0, reason: 'r' },
    });
    const again = await decide(before, style(0));
    expect(again.criteria[1]?.original).toEqual(after.criteria[1]?.original);
    await backend.api.undoGrade({ params: of(before), body: { reason: 'No.' } }, as(teacher));
    expect(await read(before)).toMatchObject({ score: 9 });
    const attempt = await backend.api.getAttempt({ params: { ...of(before), attempt: 1 } }, as(student));
    expect(attempt).toMatchObject({ score: 7, in_force: false });
  });

  test('changes the whole, and gives a grade to what has none', async () => {
    expect(await decide(await graded(), { score: 4.5, feedback: 'Late.' })).toMatchObject({
      score: 4.5,
      feedback: 'Late.',
    });
    const failed = await graded({ status: 'failed', failure: exampleFailure });
    await expect(decide(failed, style(1))).rejects.toMatchObject({ problem: { code: 'conflict' } });
    const all = [...style(3).criteria, { criterion_id: 'correct', points: 6.5 }];
    expect(await decide(failed, { criteria: all })).toMatchObject({ status: 'failed', score: 9.5 });
  });

  test('of two who look at once tells the second what the first did, and changes nothing', async () => {
    const seen = await graded();
    const version = seen.grade?.version ?? 0;
    await decide(seen, { ...style(1), version });
    const second = decide(seen, { ...style(3), version });
    await expect(second).rejects.toMatchObject({
      problem: {
        code: 'version_mismatch',
        detail: expect.stringContaining(`user:${teacher.userId} made it 8`),
      },
    });
    expect(await read(seen)).toMatchObject({ score: 8 });
  });

  test.each([
    [{}, ''],
    [style(3.5), 'criteria[0].points'],
    [{ criteria: [{ criterion_id: 'beauty', points: 1 }] }, 'criteria[0].criterion_id'],
    [{ criteria: [...style(1).criteria, ...style(2).criteria] }, 'criteria'],
    [{ score: 11 }, 'score'],
    [{ score: -1 }, 'score'],
    [{ ...style(1), reason: ' ' }, 'reason'],
  ])('that cannot be is refused: %j', async (body, path) => {
    const refusal = decide(await graded(), body);
    await expect(refusal).rejects.toMatchObject({ status: 422, problem: { errors: [{ path }] } });
  });

  test('is for whoever owns the assignment', async () => {
    const seen = await graded();
    await expect(decide(seen, style(1), other)).rejects.toMatchObject({ status: 404 });
    await expect(decide(seen, style(3), student)).rejects.toMatchObject({ status: 403 });
  });
});

describe('comments and requests', () => {
  const lines = { file: 'main.py', start_line: 2, end_line: 2 };

  test('stand at lines that are there, and are resolved', async () => {
    const seen = await graded();
    const body = { ...lines, text: 'Name it.' };
    const made = await backend.api.createComment({ params: of(seen), body }, as(teacher));
    const { items } = await backend.api.listComments({ params: of(seen) }, as(student));
    expect(items).toMatchObject([{ text: 'Name it.', start_line: 2, resolved_at: null }]);
    const params = { ...of(seen), comment_id: made.comment_id };
    expect(await backend.api.resolveComment({ params }, as(student))).toMatchObject({
      resolved_by: student.userId,
    });
    for (const wrong of [{ end_line: 3 }, { file: 'x.py' }, { start_line: 3, end_line: 2 }]) {
      const refused = backend.api.createComment(
        { params: of(seen), body: { ...body, ...wrong } },
        as(teacher),
      );
      await expect(refused).rejects.toMatchObject({ status: 422 });
    }
  });

  test('a request is asked once, answered once, and says whether the grade changed', async () => {
    const seen = await graded();
    const body = { criterion_id: 'style', lines, text: 'It has names.' };
    const ask = () => backend.api.requestReview({ params: of(seen), body }, as(student));
    const { request_id } = await ask();
    await expect(ask()).rejects.toMatchObject({ problem: { code: 'conflict' } });
    const params = { ...of(seen), request_id };
    await decide(seen, style(2));
    const answer = (text: string) =>
      backend.api.answerReview({ params, body: { answer: text } }, as(teacher));
    const [first, second] = await Promise.allSettled([answer('Right.'), answer('No.')]);
    expect([first.status, second.status].toSorted()).toEqual(['fulfilled', 'rejected']);
    const { items } = await backend.api.listReviewRequests({ params: of(seen) }, as(student));
    expect(items).toMatchObject([{ state: 'resolved', grade_changed: true, resolved_by: teacher.userId }]);
    await ask();
    await expect(backend.api.requestReview({ params: of(seen), body }, as(teacher))).rejects.toMatchObject({
      status: 403,
    });
  });
});

test('the queue holds what needs eyes, in an order of the reader, without names, until it was dealt with', async () => {
  const own = await newAssignment();
  await graded(resultOf(10), own);
  const asked = await graded(resultOf(7), own);
  const suspected = await graded(resultOf(7, { fail_tags: ['manipulation-suspected'] }), own);
  const failed = await graded({ status: 'failed', failure: exampleFailure }, own);
  const body = { text: 'Please look.' };
  const { request_id } = await backend.api.requestReview({ params: of(asked), body }, as(student));
  const queue = async (who = teacher) =>
    (
      await backend.api.getReviewQueue(
        { params: { assignment_id: own.assignment_id }, query: { limit: 200 } },
        as(who),
      )
    ).items;
  const first = await queue();
  expect(new Map(first.map((item) => [item.submission_id, item.causes]))).toEqual(
    new Map([
      [asked.submission_id, ['requested']],
      [suspected.submission_id, ['manipulation']],
      [failed.submission_id, ['failed']],
    ]),
  );
  expect(JSON.stringify(first)).not.toContain(student.userId);
  expect(await queue()).toEqual(first);
  const paged = await backend.api.getReviewQueue(
    { params: { assignment_id: own.assignment_id }, query: { limit: 2 } },
    as(teacher),
  );
  const rest = await backend.api.getReviewQueue(
    {
      params: { assignment_id: own.assignment_id },
      query: { limit: 2, ...(paged.next_cursor === null ? {} : { cursor: paged.next_cursor }) },
    },
    as(teacher),
  );
  expect([...paged.items, ...rest.items]).toEqual(first);
  await backend.api.answerReview(
    { params: { ...of(asked), request_id }, body: { answer: 'I did.' } },
    as(teacher),
  );
  await decide(suspected, { score: 7 });
  await decide(failed, { score: 0 });
  expect(await queue()).toEqual([]);
});

test('in whatever order people and attempts change a grade, it never disappears, and every change has an author', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('decide' as const), points: fc.integer({ min: 0, max: 3 }) }),
    fc.record({
      do: fc.constantFrom('undo' as const, 'regrade' as const, 'cancel' as const, 'fail' as const),
    }),
    fc.record({ do: fc.constant('grade' as const), score: fc.integer({ min: 0, max: 10 }) }),
    fc.record({ do: fc.constant('restore' as const), attempt: fc.integer({ min: 1, max: 3 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const one = await graded();
      const params = of(one);
      for (const next of steps) {
        const before = await read(one);
        try {
          if (next.do === 'decide') await decide(one, style(next.points));
          if (next.do === 'undo') await backend.api.undoGrade({ params, body: { reason: 'u' } }, as(teacher));
          if (next.do === 'regrade') await backend.api.regradeSubmission({ params }, as(teacher));
          if (next.do === 'cancel') await backend.api.cancelSubmission({ params }, as(teacher));
          if (next.do === 'restore')
            await backend.api.restoreGrade(
              { params, body: { attempt: next.attempt, reason: 'r' } },
              as(teacher),
            );
          if (next.do === 'grade' || next.do === 'fail') {
            const result =
              next.do === 'grade' ? resultOf(next.score) : { status: 'failed', failure: exampleFailure };
            await deliver(backend, one.submission_id, await claim(backend, before), result);
          }
        } catch (error) {
          expect(error).not.toMatchObject({ status: 500 });
        }
        expect((await read(one)).grade).not.toBeNull();
      }
      const { items } = await backend.api.listGradeChanges({ params }, as(student));
      const after = await read(one);
      expect(items.at(-1)).toMatchObject({ version: after.grade?.version, score: after.score });
      expect(items.every(({ actor }) => /^(runner|user:[0-9a-f]{24})$/.test(actor))).toBe(true);
      if (items.length > 1) {
        const undone = await backend.api.undoGrade({ params, body: { reason: 'back' } }, as(teacher));
        expect(undone.score).toBe(items.at(-2)?.score);
      }
    }),
    { numRuns: 10 },
  );
});

test('like submissions are of one group until a person has decided them', async () => {
  const own = await newAssignment();
  const codes = ['def add(a, b):\n    return a + b', '# sum\ndef add(a,  b):\n\n    return a + b\n', 'x = 1'];
  const all: Submission[] = [];
  for (const code of codes) {
    const body = { assignment_id: own.assignment_id, code };
    const submission = await backend.api.createSubmission({ body }, as(student));
    await deliver(backend, submission.submission_id, await claim(backend, submission), resultOf(7));
    all.push(await read(submission));
  }
  const groups = () =>
    backend.api.listReviewGroups({ params: { assignment_id: own.assignment_id }, query: {} }, as(teacher));
  const first = await groups();
  expect(first).toMatchObject({ groups: 2, submissions: 3 });
  const [large, small] = first.items;
  expect(new Set(large?.submissions.map((one) => one.submission_id))).toEqual(
    new Set(all.slice(0, 2).map((one) => one.submission_id)),
  );
  expect(small?.submissions).toHaveLength(1);
  expect(large).toMatchObject({ score: 7, max_score: 10 });
  for (const { submission_id, grade_version } of large?.submissions ?? []) {
    await backend.api.decideGrade(
      {
        params: { submission_id },
        body: {
          criteria: [{ criterion_id: 'style', points: 1 }],
          reason: 'All alike.',
          version: grade_version,
        },
      },
      as(teacher),
    );
  }
  expect((await groups()).items).toEqual([small]);
  await expect(
    backend.api.listReviewGroups({ params: { assignment_id: own.assignment_id }, query: {} }, as(student)),
  ).rejects.toMatchObject({ status: 404 });
});
