import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Submission } from '@cloudemy/contracts';
import { readEvents } from '@cloudemy/testing';
import fc from 'fast-check';
import { claim, deliver, exampleAssignment, exampleFailure, resultOf } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, signIn } from '../testing/people.js';
import { studentsSee } from './sight.js';

let stores: TestStores;
let backend: Replica;
let admin: Person;
let teacher: Person;
let assistant: Person;
let student: Person;
let stranger: Person;
let course_id: string;

beforeAll(async () => {
  stores = await startStores();
  const many = { MAX_WAITING_PER_ASSIGNMENT: '1000', MAX_WAITING_PER_USER: '1000' };
  backend = await stores.start({ ...jwtEnv, ...many });
  admin = await signIn(backend, adminEmail);
  teacher = await join(backend, admin, ['instructor'], 'teacher');
  assistant = await join(backend, admin, ['student'], 'assistant');
  student = await join(backend, admin, ['student'], 'student');
  stranger = await join(backend, admin, ['instructor'], 'stranger');
  ({ course_id } = await backend.api.createCourse({ body: { title: 'C' } }, as(teacher)));
  for (const [{ email }, role] of [
    [student, 'student'],
    [assistant, 'assistant'],
  ] as const) {
    await backend.api.addCoursePerson({ params: { course_id }, body: { email, role } }, as(teacher));
  }
});
afterAll(() => stores.close());

const as = (who: Person) => ({ headers: bearer(who) });
const newAssignment = (more: object = {}, who = teacher) =>
  backend.api.createAssignment({ body: { ...exampleAssignment, course_id, ...more } }, as(who));
const of = ({ submission_id }: Submission) => ({ submission_id });
const read = (one: Submission, who = student) => backend.api.getSubmission({ params: of(one) }, as(who));
const submit = ({ assignment_id }: { assignment_id: string }, who = student) =>
  backend.api.createSubmission(
    { body: { assignment_id, code: 'def add(a, b):\n    return a + b' } },
    as(who),
  );

async function graded(assignment: { assignment_id: string }, score = 7): Promise<Submission> {
  const one = await submit(assignment);
  await deliver(backend, one.submission_id, await claim(backend, one), resultOf(score));
  return one;
}

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

test('an assignment of a course is there for its people alone, and only they hand in', async () => {
  const assignment = await newAssignment();
  const params = { assignment_id: assignment.assignment_id };
  for (const who of [teacher, assistant, student, admin]) {
    expect(await backend.api.getAssignment({ params }, as(who))).toMatchObject({ course_id });
  }
  await expect(backend.api.getAssignment({ params }, as(stranger))).rejects.toMatchObject({ status: 404 });
  const listed = async (who: Person) => {
    const { items } = await backend.api.listAssignments({ query: { course_id } }, as(who));
    return items.some((one) => one.assignment_id === assignment.assignment_id);
  };
  expect([await listed(student), await listed(assistant), await listed(stranger)]).toEqual([
    true,
    true,
    false,
  ]);
  await expect(submit(assignment, stranger)).rejects.toMatchObject({
    problem: { errors: [{ path: 'assignment_id', reason: 'there is no assignment with this id' }] },
  });
  const one = await submit(assignment);
  expect(await read(one, assistant)).toMatchObject({ user_id: student.userId });
  await expect(read(one, stranger)).rejects.toMatchObject({ status: 404 });
  const seen = await backend.api.listSubmissions({ query: params }, as(assistant));
  expect(seen.items).toHaveLength(1);
  await expect(newAssignment({}, stranger)).rejects.toMatchObject({
    problem: { errors: [{ path: 'course_id' }] },
  });
  await expect(newAssignment({ course_id: null }, assistant)).rejects.toMatchObject({ status: 403 });
});

test('dates hold: not before it is released, late until the end, not after; staff whenever they want', async () => {
  const future = await newAssignment({ release_at: ago(-60) });
  await expect(submit(future)).rejects.toMatchObject({ status: 422 });
  const params = { assignment_id: future.assignment_id };
  await expect(backend.api.getAssignment({ params }, as(student))).rejects.toMatchObject({ status: 404 });
  await submit(future, assistant);
  const late = await newAssignment({ due_at: ago(60), late_until: ago(-60) });
  await submit(late);
  const over = await newAssignment({ due_at: ago(60) });
  await expect(submit(over)).rejects.toMatchObject({ problem: { code: 'deadline_passed' } });
  await submit(over, teacher);
});

test.each([
  [{ release_at: ago(0), due_at: ago(60) }, 'due_at'],
  [{ late_until: ago(-60) }, 'late_until'],
  [{ due_at: ago(0), late_until: ago(60) }, 'late_until'],
])('dates in another order are refused: %#', async (dates, path) => {
  await expect(newAssignment(dates)).rejects.toMatchObject({ status: 422, problem: { errors: [{ path }] } });
});

test('a change of one date must fit the others', async () => {
  const { assignment_id } = await newAssignment({ release_at: ago(60), due_at: ago(-60) });
  const change = backend.api.updateAssignment(
    { params: { assignment_id }, body: { due_at: ago(120) } },
    as(teacher),
  );
  await expect(change).rejects.toMatchObject({ problem: { errors: [{ path: 'due_at' }] } });
});

/** Everything that a student can read about a submission of theirs, as text. */
async function everythingShown(one: Submission): Promise<{ text: string; receipt: number; asked: number }> {
  const { submission_id: id } = one;
  const paths = ['', '/attempts/1', '/grade/changes', '/comments', '/review-requests'];
  const bodies = await Promise.all(
    paths.map(async (path) => (await backend.fetch(`/submissions/${id}${path}`, as(student))).text()),
  );
  const list = await backend.api.listSubmissions({ query: { limit: 200 } }, as(student));
  const own = list.items.filter((item) => item.submission_id === id);
  const events: string[] = [];
  const stream = await backend.fetch(`/submissions/${id}/events`, as(student));
  for await (const { data } of readEvents(stream.body)) events.push(data);
  const words = await backend.fetch(`/submissions/${id}/attempts/1/receipt`, {
    headers: { ...bearer(student), accept: 'text/html' },
  });
  const asked = await backend.fetch(`/submissions/${id}/review-requests`, {
    method: 'POST',
    headers: { ...bearer(student), 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'Please.' }),
  });
  const receipt = await backend.fetch(`/submissions/${id}/attempts/1/receipt`, as(student));
  const text = [...bodies, JSON.stringify(own), ...events, words.ok ? await words.text() : ''].join('\n');
  return { text, receipt: receipt.status, asked: asked.status };
}

/** A score, and words of a person, that stand nowhere else. */
const score = 5.4321;
const words = 'my-very-own-words';

async function decidedOn(one: Submission): Promise<void> {
  const body = { score, reason: words, feedback: words };
  await backend.api.decideGrade({ params: of(one), body }, as(assistant));
  const lines = { file: 'main.py', start_line: 1, end_line: 1, text: words };
  await backend.api.createComment({ params: of(one), body: lines }, as(assistant));
}

test('before the release no way shows a grade to its student; after it every way does; and it is taken back', async () => {
  const assignment = await newAssignment({ grades_visible: 'on_release' });
  const params = { assignment_id: assignment.assignment_id };
  const one = await graded(assignment);
  await decidedOn(one);
  expect(await read(one, assistant)).toMatchObject({ score, grade_withheld: false });
  const isHidden = async () => {
    expect(await read(one)).toMatchObject({
      status: 'graded',
      score: null,
      grade: null,
      grade_withheld: true,
      feedback: null,
      criteria: [],
      metrics: null,
    });
    const { text, receipt, asked } = await everythingShown(one);
    expect([text.includes(String(score)), text.includes(words), text.includes('"score":7')]).toEqual([
      false,
      false,
      false,
    ]);
    expect([receipt, asked]).toEqual([409, 409]);
  };
  await isHidden();
  await expect(backend.api.releaseGrades({ params }, as(student))).rejects.toMatchObject({ status: 404 });
  await backend.api.releaseGrades({ params }, as(teacher));
  expect(await read(one)).toMatchObject({ score, grade_withheld: false, feedback: words });
  const shown = await everythingShown(one);
  expect([shown.text.includes(String(score)), shown.receipt, shown.asked]).toEqual([true, 200, 201]);
  await backend.api.withholdGrades({ params }, as(teacher));
  await isHidden();
});

test('after a review its student sees a grade, whether it was decided or confirmed', async () => {
  const assignment = await newAssignment({ grades_visible: 'after_review' });
  const [decided, confirmed, neither] = [
    await graded(assignment),
    await graded(assignment),
    await graded(assignment),
  ];
  await decidedOn(decided);
  const confirm = (who: Person) => backend.api.confirmGrade({ params: of(confirmed) }, as(who));
  await expect(confirm(student)).rejects.toMatchObject({ status: 403 });
  await confirm(assistant);
  expect([(await read(decided)).score, (await read(confirmed)).score, (await read(neither)).score]).toEqual([
    score,
    7,
    null,
  ]);
});

test('in whatever order things happen, what a student sees obeys the rule, and what is in force stays', async () => {
  const what = [
    'grade',
    'fail',
    'cancel',
    'regrade',
    'decide',
    'undo',
    'restore',
    'confirm',
    'release',
    'withhold',
  ];
  const steps = fc.array(fc.constantFrom(...what), { maxLength: 8 });
  const rule = fc.constantFrom('at_once' as const, 'after_review' as const, 'on_release' as const);
  await fc.assert(
    fc.asyncProperty(rule, steps, async (grades_visible, all) => {
      const assignment = await newAssignment({ grades_visible });
      const one = await graded(assignment);
      const params = of(one);
      const [{ api }, by] = [backend, as(teacher)];
      let released = false;
      let reviewed = false;
      for (const step of all) {
        const before = await read(one, teacher);
        const why = { reason: step };
        const work: Record<string, () => Promise<unknown>> = {
          grade: async () => deliver(backend, one.submission_id, await claim(backend, before), resultOf(3)),
          fail: async () =>
            deliver(backend, one.submission_id, await claim(backend, before), {
              status: 'failed',
              failure: exampleFailure,
            }),
          cancel: () => api.cancelSubmission({ params }, by),
          regrade: () => api.regradeSubmission({ params }, by),
          decide: () => api.decideGrade({ params, body: { score: 2, ...why } }, by),
          undo: () => api.undoGrade({ params, body: why }, by),
          restore: () => api.restoreGrade({ params, body: { attempt: 1, ...why } }, by),
          confirm: () => api.confirmGrade({ params }, by),
          release: () => api.releaseGrades({ params: { assignment_id: assignment.assignment_id } }, by),
          withhold: () => api.withholdGrades({ params: { assignment_id: assignment.assignment_id } }, by),
        };
        const done = await work[step]?.().then(
          () => true,
          () => false,
        );
        const after = await read(one, teacher);
        if (step === 'release' || step === 'withhold') released = step === 'release';
        const isNew = after.grade?.version !== before.grade?.version;
        reviewed ||=
          done === true && (step === 'decide' || step === 'confirm' || (step === 'restore' && isNew));
        expect(after.grade).not.toBeNull();
        const rules = { grades_visible, grades_released_at: released ? new Date() : null };
        const sees = studentsSee(rules, { reviewed_at: reviewed ? new Date() : undefined });
        expect(await read(one)).toMatchObject({
          score: sees ? after.score : null,
          grade_withheld: !sees,
        });
      }
      const { items } = await api.listGradeChanges({ params }, by);
      expect(items.every(({ actor }) => /^(runner|user:[0-9a-f]{24})$/.test(actor))).toBe(true);
      if (items.length > 1) {
        const undone = await api.undoGrade({ params, body: { reason: 'back' } }, by);
        expect(undone.score).toBe(items.at(-2)?.score);
      }
    }),
    { numRuns: 10 },
  );
});

test('who was taken out of the course hands nothing in any more, and keeps what was theirs', async () => {
  const assignment = await newAssignment();
  const leaver = await join(backend, admin, ['student'], 'leaver');
  const place = { params: { course_id }, body: { email: leaver.email } };
  await backend.api.addCoursePerson(place, as(teacher));
  const one = await submit(assignment, leaver);
  await backend.api.removeCoursePerson({ params: { course_id, user_id: leaver.userId } }, as(teacher));
  await expect(submit(assignment, leaver)).rejects.toMatchObject({ status: 422 });
  const params = { assignment_id: assignment.assignment_id };
  await expect(backend.api.getAssignment({ params }, as(leaver))).rejects.toMatchObject({ status: 404 });
  expect(await read(one, leaver)).toMatchObject({ user_id: leaver.userId });
});
