import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, signIn } from '../testing/people.js';

let stores: TestStores;
let backend: Replica;
let admin: Person;
let teacher: Person;
let student: Person;
/** The teacher's. */
let assignment: string;

beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start(jwtEnv);
  admin = await signIn(backend, adminEmail);
  teacher = await join(backend, admin, ['instructor'], 'teacher');
  student = await join(backend, admin, ['student'], 'student');
  const rubric = { criteria: [{ criterion_id: 'works', title: 'It works', points: 1 }] };
  const body = { title: 'T', description: 'D', language: 'python' as const, rubric };
  ({ assignment_id: assignment } = await backend.api.createAssignment(
    { body },
    { headers: bearer(teacher) },
  ));
});
afterAll(() => stores.close());

const submit = (as: Person, forWhom?: string) =>
  backend.api.createSubmission(
    {
      body: { assignment_id: assignment, code: 'x', ...(forWhom === undefined ? {} : { user_id: forWhom }) },
    },
    { headers: bearer(as) },
  );
const read = async (userId: string): Promise<number> =>
  (await backend.fetch(`/users/${userId}`, { headers: bearer(teacher) })).status;

test('a teacher reads nobody by handing something in for them, and learns not whether they exist', async () => {
  const refusals = await Promise.all(
    [admin.userId, student.userId, 'f'.repeat(24)].map((userId) =>
      submit(teacher, userId).catch((error: unknown) => error),
    ),
  );
  const told = refusals.map((refusal) => Object(refusal).problem);
  for (const problem of told) expect({ ...problem, request_id: '' }).toEqual({ ...told[0], request_id: '' });
  expect(told[0]).toMatchObject({ status: 422, errors: [{ in: 'body', path: 'user_id' }] });
  expect(await Promise.all([admin.userId, student.userId, 'f'.repeat(24)].map(read))).toEqual([
    404, 404, 404,
  ]);
});

test('what an administrator hands in for somebody makes them known to no teacher', async () => {
  const planted = await submit(admin, student.userId);
  expect(planted).toMatchObject({ user_id: student.userId, submitted_by: admin.userId });
  expect(await read(student.userId)).toBe(404);
  await expect(submit(teacher, student.userId)).rejects.toMatchObject({ status: 422 });
});

test('for who has submitted to them a teacher may hand in, and everybody sees who did', async () => {
  expect(await submit(student)).toMatchObject({ user_id: student.userId, submitted_by: student.userId });
  expect(await read(student.userId)).toBe(200);
  const { submission_id: id } = await submit(teacher, student.userId);
  const mine = await backend.api.listSubmissions({}, { headers: bearer(student) });
  expect(mine.items.map(({ submitted_by: by }) => by)).toEqual([
    teacher.userId,
    student.userId,
    admin.userId,
  ]);
  expect(
    await backend.api.getSubmission({ params: { submission_id: id } }, { headers: bearer(student) }),
  ).toMatchObject({
    submitted_by: teacher.userId,
  });
});

test('ids of users tell nothing of those of others', async () => {
  const ids = [admin, teacher, student].map(({ userId }) => userId);
  expect(new Set(ids.map((id) => id.slice(8, 18))).size).toBe(3);
});
