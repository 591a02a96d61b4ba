import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createAssignment, exampleAssignment } from '../testing/grading.js';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';

let stores: TestStores;
let backend: Replica;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start();
});
afterAll(() => stores.close());

const send = (method: string, path: string, body: unknown) =>
  backend.fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('creates an assignment with its location, and reads it', async () => {
  const answer = await send('POST', '/assignments', exampleAssignment);
  expect(answer.status).toBe(201);
  const created = await answer.json();
  expect(created).toMatchObject({ max_score: 10, version: 1, archived_at: null });
  const read = await backend.fetch(answer.headers.get('location') ?? '');
  expect(await read.json()).toEqual(created);
});

test('changes what is given, counts versions, and refuses a change of what has moved on', async () => {
  const { api } = backend;
  const { assignment_id, version } = await createAssignment(backend);
  const params = { assignment_id };
  const renamed = await api.updateAssignment({ params, body: { title: 'New', version } });
  expect(renamed).toMatchObject({ title: 'New', description: exampleAssignment.description, version: 2 });
  const late = await send('PATCH', `/assignments/${assignment_id}`, { title: 'Late', version });
  expect(await late.json()).toMatchObject({ code: 'version_mismatch' });
  const rubric = { criteria: [{ criterion_id: 'only', title: 'Only', points: 4 }] };
  await expect(api.updateAssignment({ params, body: { rubric } })).resolves.toMatchObject({ max_score: 4 });
});

test('takes one of many changes of the same version', async () => {
  const { assignment_id } = await createAssignment(backend);
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, n) =>
      send('PATCH', `/assignments/${assignment_id}`, { title: `T${n}`, version: 1 }),
    ),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
});

test('archives once, stays readable, changes no more', async () => {
  const { api } = backend;
  const { assignment_id } = await createAssignment(backend);
  const params = { assignment_id };
  const archived = await api.archiveAssignment({ params });
  expect(archived.archived_at).not.toBeNull();
  await expect(api.archiveAssignment({ params })).resolves.toEqual(archived);
  const change = await send('PATCH', `/assignments/${assignment_id}`, { title: 'No' });
  expect(await change.json()).toMatchObject({ code: 'assignment_archived' });
});

test('lists in pages, and by owner, language and whether archived', async () => {
  const { api } = backend;
  const create = (language: 'go' | 'rust') =>
    api.createAssignment({ body: { ...exampleAssignment, language } });
  const made = [await create('go'), await create('go'), await create('rust'), await create('go')];
  await api.archiveAssignment({ params: { assignment_id: made[0]?.assignment_id ?? '' } });
  const query = {
    language: 'go',
    archived: 'false',
    owner_id: '000000000000000000000001',
    limit: 1,
  } as const;
  const first = await api.listAssignments({ query });
  const second = await api.listAssignments({ query: { ...query, cursor: first.next_cursor ?? '' } });
  expect([...first.items, ...second.items].map((item) => item.assignment_id)).toEqual(
    [made[3], made[1]].map((item) => item?.assignment_id),
  );
  expect(second.next_cursor).toBeNull();
});

test.each<[string, unknown, string]>([
  ['no rubric', { ...exampleAssignment, rubric: undefined }, 'rubric'],
  ['an empty rubric', { ...exampleAssignment, rubric: { criteria: [] } }, 'rubric.criteria'],
  ['an unknown language', { ...exampleAssignment, language: 'klingon' }, 'language'],
  ['unknown fields', { ...exampleAssignment, grade: 1 }, 'grade'],
  ['half a character', { ...exampleAssignment, title: '\ud800' }, 'title'],
  ['a limit of nothing', { ...exampleAssignment, limits: { max_code_bytes: 0 } }, 'limits.max_code_bytes'],
])('refuses %s', async (_what, body, path) => {
  const answer = await send('POST', '/assignments', body);
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ errors: [{ in: 'body', path }] });
});

test('refuses a change of nothing, and knows no other assignment', async () => {
  const { assignment_id } = await createAssignment(backend);
  expect((await send('PATCH', `/assignments/${assignment_id}`, {})).status).toBe(422);
  expect((await send('PATCH', '/assignments/ffffffffffffffffffffffff', { title: 'x' })).status).toBe(404);
  expect((await send('POST', '/assignments/ffffffffffffffffffffffff/archive', undefined)).status).toBe(404);
});

test('a limit of code above what the service takes is refused, and says what it takes', async () => {
  const post = await backend.fetch('/assignments', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...exampleAssignment, limits: { max_code_bytes: 1_000_000_000 } }),
  });
  expect(post.status).toBe(422);
  expect(await post.json()).toMatchObject({ errors: [{ path: 'limits.max_code_bytes' }] });
});
