import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';

let stores: TestStores;
let backend: Replica;
beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start();
});
afterAll(() => stores.close());

const post = (body: unknown) =>
  backend.fetch('/users', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('creates, reads and lists users', async () => {
  const { api } = backend;
  const created = await api.createUser({
    body: { email: 'Ada@Example.com', display_name: 'Ada', roles: ['instructor'] },
  });
  expect(created).toMatchObject({ email: 'ada@example.com', roles: ['instructor'] });
  await expect(api.getUser({ params: { user_id: created.user_id } })).resolves.toEqual(created);
  const { items } = await api.listUsers({ query: { role: 'instructor' } });
  expect(items).toEqual([created]);
});

test('has an administrator of its own while authentication is off', async () => {
  const { items } = await backend.api.listUsers({ query: { role: 'admin' } });
  expect(items).toMatchObject([{ user_id: '000000000000000000000001', email: 'local@cloudemy.local' }]);
});

test('gives an address to one of many at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => post({ email: 'one@example.com', display_name: 'One' })),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
});

test.each([
  [{ email: 'nobody', display_name: 'x' }, 'email'],
  [{ email: 'a@b.example', display_name: '   ' }, 'display_name'],
  [{ email: 'a@b.example', display_name: 'x', roles: ['king'] }, 'roles[0]'],
  [{ email: 'a@b.example', display_name: 'x', extra: 1 }, 'extra'],
])('refuses %j', async (body, field) => {
  const answer = await post(body);
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ errors: [{ in: 'body', path: field }] });
});

test('knows no user by another id', async () => {
  expect((await backend.fetch('/users/ffffffffffffffffffffffff')).status).toBe(404);
  expect((await backend.fetch('/users/me')).status).toBe(422);
});
