import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Assignment, Submission } from '@cloudemy/contracts';
import { until } from '@cloudemy/testing';
import { claim, deliver, exampleAssignment, exampleFailure, resultOf } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, signIn } from '../testing/people.js';

let stores: TestStores;
let backend: Replica;
let teacher: Person;
let student: Person;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start({
    ...jwtEnv,
    REGRADE_IN_FLIGHT: '3',
    RETRY_BACKOFF_MS: '1',
    MAX_WAITING_PER_ASSIGNMENT: '1000',
    MAX_WAITING_PER_USER: '1000',
  });
  const admin = await signIn(backend, adminEmail);
  teacher = await join(backend, admin, ['instructor'], 'teacher');
  student = await join(backend, admin, ['student'], 'student');
});
afterAll(() => stores.close());

const as = (who: Person) => ({ headers: bearer(who) });
const read = (submission_id: string, who = teacher) =>
  backend.api.getSubmission({ params: { submission_id } }, as(who));

async function graded(assignment: Assignment, score: number): Promise<Submission> {
  const body = { assignment_id: assignment.assignment_id, code: 'return a + b' };
  const one = await backend.api.createSubmission({ body }, as(student));
  await deliver(backend, one.submission_id, await claim(backend, one), resultOf(score));
  return read(one.submission_id);
}

/** Scores of the grades in force, and of what the draft makes of them. */
async function drafted(old: readonly number[], fresh: readonly number[], more: object = {}) {
  const assignment = await backend.api.createAssignment({ body: exampleAssignment }, as(teacher));
  const ids: string[] = [];
  for (const score of old) ids.push((await graded(assignment, score)).submission_id);
  const { assignment_id } = assignment;
  const { regrade_id } = await backend.api.regradeAssignment(
    { params: { assignment_id }, body: { draft: true, ...more } },
    as(teacher),
  );
  const params = { regrade_id };
  const progress = () => backend.api.getRegrade({ params }, as(teacher));
  const answer = async (result: (at: number) => object) => {
    for (const [at, id] of ids.entries()) {
      const now = await read(id);
      if (now.status === 'queued' && now.attempt > 1 && now.waiting === null)
        await deliver(backend, id, await claim(backend, now), result(at));
    }
  };
  const finish = () =>
    until(async () => {
      await answer((at) => resultOf(fresh[at] ?? 0));
      return (await progress()).state === 'done';
    });
  const results = async (query: object = {}) =>
    (await backend.api.listRegradeResults({ params, query }, as(teacher))).items;
  const scores = async () => Promise.all(ids.map(async (id) => (await read(id)).score));
  const apply = (body: object = {}) =>
    backend.api.applyRegrade({ params, body: { reason: 'Fairer.', ...body } }, as(teacher));
  const undo = (body: object = {}) =>
    backend.api.undoRegrade({ params, body: { reason: 'Not so.', ...body } }, as(teacher));
  return { assignment, ids, params, progress, answer, finish, results, scores, apply, undo };
}

test('a draft changes no grade and is not seen by students, is compared, applied, and taken back', async () => {
  const draft = await drafted([7, 7, 7, 4], [7, 9, 0, 5]);
  await draft.finish();
  expect(await draft.scores()).toEqual([7, 7, 7, 4]);
  const [, second = ''] = draft.ids;
  const seen = await read(second, student);
  expect(seen.attempts.map(({ score, draft: isDraft }) => [score, isDraft])).toEqual([
    [7, false],
    [null, true],
  ]);
  const attempt = { params: { submission_id: second, attempt: 2 } };
  expect(await backend.api.getAttempt(attempt, as(student))).toMatchObject({ score: null, criteria: [] });
  expect(await backend.api.getAttempt(attempt, as(teacher))).toMatchObject({ score: 9 });
  const receipt = (who: Person) =>
    backend.fetch(`/submissions/${second}/attempts/2/receipt`, as(who)).then(({ status }) => status);
  expect([await receipt(student), await receipt(teacher)]).toEqual([404, 200]);
  const sorted = await draft.results({ sort: 'change' });
  expect(sorted.map(({ change }) => change)).toEqual([-7, 2, 1, 0]);
  const paged = await backend.api.listRegradeResults(
    { params: draft.params, query: { sort: 'change', limit: 2 } },
    as(teacher),
  );
  const rest = await draft.results({ sort: 'change', limit: 2, cursor: paged.next_cursor });
  expect([...paged.items, ...rest]).toEqual(sorted);

  expect(await draft.apply({ submission_ids: [second] })).toMatchObject({ applied: 1 });
  expect(await draft.scores()).toEqual([7, 9, 7, 4]);
  expect(await draft.apply()).toMatchObject({ applied: 4 });
  expect(await draft.apply()).toMatchObject({ applied: 4 });
  expect(await draft.scores()).toEqual([7, 9, 0, 5]);
  expect((await read(second, student)).grade).toMatchObject({
    source: 'applied',
    actor: `user:${teacher.userId}`,
    reason: 'Fairer.',
  });
  expect(await backend.api.getAttempt(attempt, as(student))).toMatchObject({ score: 9, draft: true });
  expect(await receipt(student)).toBe(200);
  expect(await draft.undo()).toMatchObject({ applied: 0 });
  expect(await draft.scores()).toEqual([7, 7, 7, 4]);
  expect(await draft.apply()).toMatchObject({ applied: 4 });
});

test('of grades that moved meanwhile each is named, and nothing is half applied', async () => {
  const draft = await drafted([7, 7, 7], [9, 9, 9]);
  await draft.finish();
  const [first = '', second = '', third = ''] = draft.ids;
  for (const submission_id of [first, third]) {
    const body = { score: 8, reason: 'I looked.' };
    await backend.api.decideGrade({ params: { submission_id }, body }, as(teacher));
  }
  await expect(draft.apply()).rejects.toMatchObject({
    problem: {
      code: 'version_mismatch',
      errors: [first, third].map((id) => ({ reason: expect.stringMatching(`^${id} has another grade: 8`) })),
    },
  });
  expect(await draft.scores()).toEqual([8, 7, 8]);
  expect(await draft.apply({ skip_moved: true })).toMatchObject({ applied: 1 });
  expect(await draft.scores()).toEqual([8, 9, 8]);
  await expect(draft.apply({ submission_ids: ['f'.repeat(24)] })).rejects.toMatchObject({ status: 422 });
  await backend.api.decideGrade(
    { params: { submission_id: second }, body: { score: 1, reason: 'No.' } },
    as(teacher),
  );
  await expect(draft.undo()).rejects.toMatchObject({ problem: { code: 'version_mismatch' } });
  expect(await draft.scores()).toEqual([8, 1, 8]);
});

test('a draft is tried on a few, discarded, and then cannot be applied; what is no draft cannot either', async () => {
  const draft = await drafted([7, 7], [9, 9]);
  const [first = ''] = draft.ids;
  await draft.finish();
  const { assignment_id } = draft.assignment;
  const few = await backend.api.regradeAssignment(
    { params: { assignment_id }, body: { submission_ids: [first], draft: true } },
    as(teacher),
  );
  const params = { regrade_id: few.regrade_id };
  await until(async () => {
    await draft.answer(() => resultOf(10));
    return (await backend.api.getRegrade({ params }, as(teacher))).state === 'done';
  });
  expect(await backend.api.getRegrade({ params }, as(teacher))).toMatchObject({ total: 1, done: 1 });
  expect(await backend.api.discardRegrade({ params }, as(teacher))).toMatchObject({
    discarded_at: expect.any(String),
  });
  const apply = backend.api.applyRegrade({ params, body: { reason: 'x' } }, as(teacher));
  await expect(apply).rejects.toMatchObject({ problem: { code: 'conflict' } });
  const plain = await backend.api.regradeAssignment(
    { params: { assignment_id }, body: { statuses: ['cancelled'] } },
    as(teacher),
  );
  const discard = backend.api.discardRegrade({ params: { regrade_id: plain.regrade_id } }, as(teacher));
  await expect(discard).rejects.toMatchObject({ problem: { code: 'conflict' } });
});

test('an estimate says how many, and what the last ones took', async () => {
  const { assignment, ids } = await drafted([7, 7], [9, 9], { statuses: ['cancelled'] });
  const estimate = (body: object = {}) =>
    backend.api.estimateRegrade({ params: { assignment_id: assignment.assignment_id }, body }, as(teacher));
  expect(await estimate()).toEqual({
    submissions: 2,
    tokens: null,
    cost_usd: null,
    minutes: null,
    based_on: 2,
  });
  const [submission_id = ''] = ids;
  const again = await backend.api.regradeSubmission({ params: { submission_id } }, as(teacher));
  const metrics = { total_tokens: 100, cost_usd: 0.01, total_ms: 6_000 };
  await deliver(backend, submission_id, await claim(backend, again), resultOf(7, { metrics }));
  expect(await estimate()).toEqual({
    submissions: 2,
    tokens: 200,
    cost_usd: 0.02,
    minutes: 0.1,
    based_on: 2,
  });
  expect(await estimate({ statuses: ['failed'] })).toMatchObject({ submissions: 0 });
});

test('what fails for all stops a regrade, which says so and goes on when told', async () => {
  const draft = await drafted([7, 7, 7, 7, 7], [9, 9, 9, 9, 9]);
  const failure = { ...exampleFailure, code: 'llm_auth_failed', message: 'The key was refused.' };
  await until(async () => {
    const now = await draft.progress();
    if (now.state === 'running' && now.running > 0) await draft.answer(() => ({ status: 'failed', failure }));
    return now.state === 'paused';
  });
  const paused = await draft.progress();
  expect(paused.paused_for).toMatchObject({ code: 'llm_auth_failed' });
  expect(paused.queued).toBeGreaterThan(0);
  expect(await draft.scores()).toEqual([7, 7, 7, 7, 7]);
  await backend.api.resumeRegrade({ params: draft.params }, as(teacher));
  expect((await draft.progress()).state).toBe('running');
});
