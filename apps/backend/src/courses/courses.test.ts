import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, password, signIn } from '../testing/people.js';

let stores: TestStores;
let backend: Replica;
let admin: Person;
let teacher: Person;
let student: Person;
let stranger: Person;

beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start(jwtEnv);
  admin = await signIn(backend, adminEmail);
  teacher = await join(backend, admin, ['instructor'], 'teacher');
  student = await join(backend, admin, ['student'], 'student');
  stranger = await join(backend, admin, ['instructor'], 'stranger');
});
afterAll(() => stores.close());

const as = (who: Person) => ({ headers: bearer(who) });
const refused = (status: number, detail: string) => ({
  status,
  problem: expect.objectContaining({ detail: expect.stringContaining(detail) }),
});

async function newCourse(sections = ['a', 'b']) {
  const body = { title: 'Algorithms', sections: sections.map((id) => ({ section_id: id, title: id })) };
  const { course_id } = await backend.api.createCourse({ body }, as(teacher));
  return { course_id };
}

test('a course is seen by those who are in it, and by nobody else', async () => {
  const params = await newCourse();
  const own = await backend.api.getCourse({ params }, as(teacher));
  expect(own).toMatchObject({ title: 'Algorithms', my_role: 'instructor', entry_code: null });
  for (const outside of [student, stranger]) {
    await expect(backend.api.getCourse({ params }, as(outside))).rejects.toMatchObject({ status: 404 });
    const { items } = await backend.api.listCourses({}, as(outside));
    expect(items.map(({ course_id: id }) => id)).not.toContain(params.course_id);
  }
  expect(await backend.api.getCourse({ params }, as(admin))).toMatchObject({ my_role: null });
});

test('a student joins by the entry code, however it is typed, and does not learn it from the course', async () => {
  const params = await newCourse();
  const { entry_code: code } = await backend.api.openCourseEntry({ params }, as(teacher));
  const typed = ` ${(code ?? '').toLowerCase().replace(/(....)/, '$1-')}`;
  const joined = await backend.api.joinCourse({ body: { entry_code: typed } }, as(student));
  expect(joined).toMatchObject({ ...params, my_role: 'student', entry_code: null });
  await backend.api.joinCourse({ body: { entry_code: typed } }, as(student));
  const people = await backend.api.listCoursePeople({ params }, as(teacher));
  expect(people.items.map(({ name, role }) => [name, role])).toEqual([
    ['student', 'student'],
    ['teacher', 'instructor'],
  ]);
  await expect(backend.api.listCoursePeople({ params }, as(student))).rejects.toMatchObject({ status: 404 });
  await expect(
    backend.api.updateCourse({ params, body: { title: 'Mine' } }, as(student)),
  ).rejects.toMatchObject({
    status: 404,
  });
  await backend.api.closeCourseEntry({ params }, as(teacher));
  const late = backend.api.joinCourse({ body: { entry_code: typed } }, as(stranger));
  await expect(late).rejects.toMatchObject(refused(422, 'opens no course'));
});

test('a roster makes accounts and sections once, and its invitations let people in', async () => {
  const params = await newCourse([]);
  const csv = 'email;name;section\nmina@example.com;Mina;Group 1\nSTUDENT@example.com;;Group 1\n';
  const dry = await backend.api.importRoster({ params, body: { csv, dry_run: true } }, as(teacher));
  expect(dry).toMatchObject({ added: 2, new_sections: ['group-1'], invitations: [] });
  const report = await backend.api.importRoster({ params, body: { csv } }, as(teacher));
  expect(report).toMatchObject({ added: 2, changed: 0, unchanged: 0, not_listed: 0 });
  // Whoever had an account is not invited: the invitation would take it over.
  expect(report.invitations.map(({ email }) => email)).toEqual(['mina@example.com']);
  const invitation = report.invitations[0]?.invitation ?? '';
  await backend.api.acceptInvitation({ body: { invitation, password } });
  const mina = await signIn(backend, 'mina@example.com');
  expect(await backend.api.getCourse({ params }, as(mina))).toMatchObject({
    my_role: 'student',
    my_section: 'group-1',
  });

  const again = await backend.api.importRoster(
    { params, body: { csv: csv.replace('Mina;', 'Mina Kim;') } },
    as(teacher),
  );
  expect(again).toMatchObject({ added: 0, changed: 1, unchanged: 1, new_sections: [], invitations: [] });
  // Of an account that was there before, the course shows what it was told.
  const { items } = await backend.api.listCoursePeople({ params, query: { search: 'MINA k' } }, as(teacher));
  expect(items.map(({ name }) => name)).toEqual(['Mina Kim']);
});

test('a roster with a fault adds nobody, and every fault is told with its line', async () => {
  const params = await newCourse();
  const csv = 'email,role\nok@example.com,student\nnobody,student\nok2@example.com,boss\n';
  const import_ = backend.api.importRoster({ params, body: { csv } }, as(teacher));
  await expect(import_).rejects.toMatchObject({
    status: 422,
    problem: {
      errors: [
        { path: 'csv', line: 3 },
        { path: 'csv', line: 4 },
      ],
    },
  });
  const { items } = await backend.api.listCoursePeople({ params }, as(teacher));
  expect(items.map(({ email }) => email)).toEqual([teacher.email]);
});

test('people change role and section, leave, and the last instructor stays', async () => {
  const params = await newCourse();
  const helper = await backend.api.addCoursePerson(
    { params, body: { email: student.email, role: 'assistant', section: 'a' } },
    as(teacher),
  );
  // Assistants see who is there, and run nothing.
  const { items } = await backend.api.listCoursePeople({ params }, as(student));
  expect(items).toHaveLength(2);
  await expect(backend.api.openCourseEntry({ params }, as(student))).rejects.toMatchObject({ status: 404 });
  const person = { params: { ...params, user_id: helper.user_id } };
  const moved = await backend.api.updateCoursePerson({ ...person, body: { section: 'b' } }, as(teacher));
  expect(moved).toMatchObject({ role: 'assistant', section: 'b' });
  await expect(
    backend.api.updateCoursePerson({ ...person, body: { section: 'z' } }, as(teacher)),
  ).rejects.toMatchObject(refused(422, 'its sections are a, b'));
  await expect(
    backend.api.updateCourse({ params, body: { sections: [] } }, as(teacher)),
  ).rejects.toMatchObject(refused(409, 'leaves out b'));
  const oneself = { params: { ...params, user_id: teacher.userId } };
  await expect(backend.api.removeCoursePerson(oneself, as(teacher))).rejects.toMatchObject(
    refused(409, 'last instructor'),
  );
  await backend.api.removeCoursePerson(person, as(teacher));
  await backend.api.removeCoursePerson(person, as(teacher));
  await expect(backend.api.getCourse({ params }, as(student))).rejects.toMatchObject({ status: 404 });
});

test('an archived course takes nobody, until it is opened again', async () => {
  const params = await newCourse();
  const { archived_at: at } = await backend.api.archiveCourse({ params }, as(teacher));
  expect(at).not.toBeNull();
  const add = () => backend.api.addCoursePerson({ params, body: { email: student.email } }, as(teacher));
  await expect(add()).rejects.toMatchObject(refused(409, 'archived'));
  await backend.api.unarchiveCourse({ params }, as(teacher));
  expect(await add()).toMatchObject({ role: 'student' });
});

test('the pages of a long list are in the order of names, each person once', async () => {
  const params = await newCourse([]);
  const names = Array.from({ length: 12 }, (_, index) => `Person ${String(index).padStart(2, '0')}`);
  const csv = [
    'email,name',
    ...names.toReversed().map((name, index) => `p${index}@example.com,${name}`),
  ].join('\n');
  await backend.api.importRoster({ params, body: { csv } }, as(teacher));
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 5, role: 'student' as const, ...(cursor === undefined ? {} : { cursor }) };
    const page = await backend.api.listCoursePeople({ params, query }, as(teacher));
    seen.push(...page.items.map(({ name }) => name));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(names);
});
