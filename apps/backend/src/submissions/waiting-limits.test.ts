import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Assignment, Submission } from '@cloudemy/contracts';
import { exampleAssignment } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, signIn } from '../testing/people.js';

let stores: TestStores;
let backend: Replica;
let admin: Person;
let teacher: Person;
let assignment: Assignment;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start({ ...jwtEnv, MAX_WAITING_PER_ASSIGNMENT: '2', MAX_WAITING_PER_USER: '3' });
  admin = await signIn(backend, adminEmail);
  teacher = await join(backend, admin, ['instructor'], 'teacher');
  assignment = await create();
});
afterAll(() => stores.close());

const create = () => backend.api.createAssignment({ body: exampleAssignment }, { headers: bearer(teacher) });
const post = (person: Person, { assignment_id }: Assignment, headers = {}) =>
  backend.fetch('/submissions', {
    method: 'POST',
    headers: { ...bearer(person), 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ assignment_id, code: 'x' }),
  });

test('a student has some submissions waiting, to one assignment and in all, and is told so', async () => {
  const student = await join(backend, admin, ['student'], 'one-by-one');
  const first = await post(student, assignment, { 'idempotency-key': 'the-first' });
  const { submission_id }: Submission = JSON.parse(await first.text());
  expect((await post(student, assignment)).status).toBe(202);
  const refused = await post(student, assignment);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
  expect(await refused.json()).toMatchObject({
    detail: expect.stringMatching(/^2 of your submissions to this assignment wait/),
  });
  // A repeat of what was taken is no new one.
  expect((await post(student, assignment, { 'idempotency-key': 'the-first' })).status).toBe(202);
  const other = await create();
  expect((await post(student, other)).status).toBe(202);
  expect(await (await post(student, other)).json()).toMatchObject({
    detail: expect.stringMatching(/^3 of your submissions wait/),
  });
  await backend.api.cancelSubmission({ params: { submission_id } }, { headers: bearer(student) });
  expect((await post(student, assignment)).status).toBe(202);
});

test('twenty at one moment are no way around it', async () => {
  const student = await join(backend, admin, ['student'], 'all-at-once');
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(student, assignment)));
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(2);
});

test('who teaches is not held to it', async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => post(teacher, assignment)));
  expect(answers.every(({ status }) => status === 202)).toBe(true);
});
