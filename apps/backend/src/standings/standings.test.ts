import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Assignment, StandingQuery, Submission } from '@cloudemy/contracts';
import { unfoundedTag } from '@cloudemy/grading';
import { parse } from 'csv-parse/sync';
import { claim, deliver, exampleAssignment, exampleFailure, resultOf } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, signIn } from '../testing/people.js';

let stores: TestStores;
let backend: Replica;
let teacher: Person;
let other: Person;
let students: Person[];
let assignment: Assignment;

const as = (who: Person) => ({ headers: bearer(who) });
const params = () => ({ assignment_id: assignment.assignment_id });

/** Ada has 9, then 5; Ben 2; Cleo failed; Dora, of a name that is a formula, 7 and a tag that asks to look. */
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start({ ...jwtEnv, MAX_WAITING_PER_USER: '1000' });
  const admin = await signIn(backend, adminEmail);
  teacher = await join(backend, admin, ['instructor'], 'teacher');
  other = await join(backend, admin, ['instructor'], 'other');
  students = [];
  for (const name of ['Ada', 'Ben', 'Cleo', '=Dora']) {
    const { user_id } = await backend.api.createUser(
      {
        body: {
          email: `${name.replace('=', '').toLowerCase()}@example.com`,
          display_name: name,
          roles: ['student'],
        },
      },
      as(admin),
    );
    const { invitation } = await backend.api.inviteUser({ params: { user_id } }, as(admin));
    const { access_token: token } = await backend.api.acceptInvitation({
      body: { invitation, password: 'a password for the tests' },
    });
    students.push({ userId: user_id, email: name, token });
  }
  assignment = await backend.api.createAssignment({ body: exampleAssignment }, as(teacher));
  const [ada, ben, cleo, dora] = students;
  await handIn(ada, resultOf(9));
  await handIn(ben, resultOf(2));
  await handIn(ada, resultOf(5));
  await handIn(cleo, { status: 'failed', failure: exampleFailure });
  await handIn(dora, resultOf(7, { fail_tags: [unfoundedTag] }));
  // A later one that waits does not count while there is a grade.
  await handIn(ben);
});
afterAll(() => stores.close());

async function handIn(who: Person | undefined, result?: object): Promise<Submission> {
  if (who === undefined) throw new Error('nobody hands in');
  const body = { ...params(), code: 'def add(a, b):\n    return a + b' };
  const submission = await backend.api.createSubmission({ body }, as(who));
  if (result !== undefined) {
    await deliver(backend, submission.submission_id, await claim(backend, submission), result);
  }
  return submission;
}

async function list(query: Partial<StandingQuery>) {
  const { items } = await backend.api.listStandings(
    { params: params(), query: { ...query, flagged: undefined } },
    as(teacher),
  );
  return items;
}
const names = async (query: Partial<StandingQuery>) => (await list(query)).map(({ name }) => name);

test('a row for each student, with the submission that counts', async () => {
  const last = await list({ sort: 'score' });
  expect(last.map(({ name, score, submissions }) => [name, score, submissions])).toEqual([
    ['Ben', 2, 2],
    ['Ada', 5, 2],
    ['=Dora', 7, 1],
    ['Cleo', null, 1],
  ]);
  const best = await list({ counts: 'best', sort: '-score' });
  expect(best.map(({ name, score }) => [name, score])).toEqual([
    ['Ada', 9],
    ['=Dora', 7],
    ['Ben', 2],
    ['Cleo', null],
  ]);
});

test('is searched, filtered and sorted', async () => {
  expect(await names({})).toEqual(['=Dora', 'Ada', 'Ben', 'Cleo']);
  expect(await names({ search: 'CLEO@' })).toEqual(['Cleo']);
  expect(await names({ status: 'failed' })).toEqual(['Cleo']);
  expect(await names({ min_score: 2.5, max_score: 6 })).toEqual(['Ada']);
  expect(await names({ tag: 'wrong-result' })).toEqual([]);
  expect(await names({ tag: 'poor-style' })).toEqual(['=Dora', 'Ada', 'Ben']);
  const flagged = await backend.fetch(
    `/assignments/${params().assignment_id}/grades?flagged=true`,
    as(teacher),
  );
  expect(await flagged.json()).toMatchObject({ items: [{ name: '=Dora', flagged: true }] });
});

test('pages hold everybody once', async () => {
  const seen: (string | null)[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 1, sort: '-score' as const, ...(cursor === undefined ? {} : { cursor }) };
    const page = await backend.api.listStandings({ params: params(), query }, as(teacher));
    seen.push(...page.items.map(({ name }) => name));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(['=Dora', 'Ada', 'Ben', 'Cleo']);
});

test('figures are of what counts', async () => {
  const figures = await backend.api.getGradeStatistics(
    { params: params(), query: { counts: 'best' } },
    as(teacher),
  );
  expect(figures).toMatchObject({
    students: 4,
    graded: 3,
    mean: 6,
    median: 7,
    lowest: 2,
    highest: 9,
    distribution: [0, 0, 1, 0, 0, 0, 0, 1, 0, 1],
    criteria: [
      { criterion_id: 'correct', graded: 3, met: 3, mean_points: 5.3333, max_points: 7 },
      { criterion_id: 'style', graded: 3, met: 1, mean_points: 0.6667, max_points: 3 },
    ],
  });
});

test('CSV has a line for each student, and for each criterion', async () => {
  const answer = await backend.fetch(`/assignments/${params().assignment_id}/grades.csv`, as(teacher));
  const grades = Buffer.from(await answer.arrayBuffer());
  // Excel reads UTF-8 by it.
  expect([...grades.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  expect(answer.headers.get('content-disposition')).toContain('grades-');
  const rows: Record<string, string>[] = parse(grades, { bom: true, columns: true });
  expect(new Set(rows.map(({ name, score, status }) => `${name} ${score} ${status}`))).toEqual(
    new Set(["'=Dora 7 graded", 'Ada 5 graded', 'Ben 2 graded', 'Cleo  failed']),
  );
  const results = await backend.api.exportResults({ params: params() }, as(teacher));
  const lines: Record<string, string>[] = parse(results, { bom: true, columns: true });
  expect(lines).toHaveLength(6);
  expect(lines.find(({ name, criterion_id: id }) => name === 'Ben' && id === 'correct')).toMatchObject({
    points: '2',
    max_points: '7',
    met: 'true',
  });
});

test('is for who owns the assignment', async () => {
  for (const who of [other, students[0]]) {
    if (who === undefined) throw new Error('nobody asks');
    const { status } = await backend.fetch(`/assignments/${params().assignment_id}/grades.csv`, as(who));
    expect(status).toBe(404);
  }
});
