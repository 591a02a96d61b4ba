import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { externalUserId } from '@cloudemy/auth';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { type TestProvider, startProvider } from '../testing/oidc-provider.js';
import { jwtEnv } from '../testing/people.js';

let provider: TestProvider;
let stores: TestStores;
let backend: Replica;

const email = 'ada@example.com';

beforeAll(async () => {
  provider = await startProvider({
    ada: { realm_access: { roles: ['teacher'] }, email, email_verified: true, name: 'Ada' },
    twin: { realm_access: { roles: ['teacher'] }, email, email_verified: true, name: 'Ada too' },
    root: { realm_access: { roles: ['ops', 'boss'] } },
    leaver: { realm_access: { roles: ['teacher'] } },
    guest: { realm_access: { roles: ['admin', 'instructor'] } },
  });
  stores = await startStores();
  backend = await stores.start(env());
});
afterAll(async () => {
  await stores.close();
  await provider.close();
});

const env = () => ({
  ...jwtEnv,
  OIDC_ISSUER: provider.issuer,
  OIDC_ROLES_CLAIM: 'realm_access.roles',
  OIDC_ROLE_MAP: 'teacher=instructor,boss=admin,ops=runner-operator',
});

const as = async (subject: string) => ({
  headers: { authorization: `Bearer ${await provider.tokenFor(subject)}` },
});

test('users of the provider are written down when they are first seen, under an id that any service derives', async () => {
  const userId = externalUserId(provider.issuer, 'ada');
  expect(await backend.api.getMe({}, await as('ada'))).toMatchObject({
    user_id: userId,
    email,
    display_name: 'Ada',
    roles: ['instructor'],
    effective_roles: ['instructor'],
    issuer: provider.issuer,
  });
  const rubric = { criteria: [{ criterion_id: 'works', title: 'It works', points: 1 }] };
  const body = { title: 'T', description: 'D', language: 'python' as const, rubric };
  expect(await backend.api.createAssignment({ body }, await as('ada'))).toMatchObject({ owner_id: userId });
});

test('an address stays with whoever had it first', async () => {
  await backend.api.getMe({}, await as('ada'));
  const twin = await backend.api.getMe({}, await as('twin'));
  expect(twin).toMatchObject({ display_name: 'Ada too' });
  expect(twin.email).not.toBe(email);
});

test('who was disabled here is turned away, whatever the provider says', async () => {
  const { user_id } = await backend.api.getMe({}, await as('leaver'));
  const other = await stores.start(env());
  expect(await other.api.getMe({}, await as('leaver'))).toMatchObject({ disabled: false });
  await backend.api.updateUser({ params: { user_id }, body: { disabled: true } }, await as('root'));
  for (const replica of [backend, other]) {
    while ((await replica.fetch('/auth/me', await as('leaver'))).status !== 401) await sleep(100);
  }
  await backend.api.updateUser({ params: { user_id }, body: { disabled: false } }, await as('root'));
  while ((await backend.fetch('/auth/me', await as('leaver'))).status !== 200) await sleep(100);
});

test('roles come from the mapping alone', async () => {
  const { items } = await backend.api.listUsers({}, await as('root'));
  expect(items.length).toBeGreaterThan(0);
  // The provider's own "admin" is not ours.
  await expect(backend.api.listUsers({}, await as('guest'))).rejects.toMatchObject({ status: 403 });
  const userId = externalUserId(provider.issuer, 'ada');
  await backend.api.getMe({}, await as('ada'));
  await expect(
    backend.api.updateUser({ params: { user_id: userId }, body: { roles: ['admin'] } }, await as('root')),
  ).rejects.toMatchObject({ status: 409, problem: { code: 'accounts_elsewhere' } });
});

test('tokens of the provider for other services are not taken', async () => {
  const headers = { authorization: `Bearer ${await provider.tokenFor('root', 'another')}` };
  expect((await backend.fetch('/auth/me', { headers })).status).toBe(401);
});

test('passwords are not for here, API keys are', async () => {
  await expect(
    backend.api.login({ body: { email: 'admin@example.com', password: 'whatever it is' } }),
  ).rejects.toMatchObject({ status: 409, message: expect.stringContaining(provider.issuer) });
  expect(await backend.api.getAuthInfo({})).toMatchObject({ mode: 'jwt', issuer: provider.issuer });
  const { api_key: key } = await backend.api.createApiKey(
    { body: { name: 'k', scopes: ['grading:read'] } },
    await as('ada'),
  );
  const { access_token: token } = await backend.api.exchangeApiKey({ body: { api_key: key } });
  for (const credentials of [key, token]) {
    const headers = { authorization: `Bearer ${credentials}` };
    expect((await backend.fetch('/submissions', { headers })).status).toBe(200);
  }
});
