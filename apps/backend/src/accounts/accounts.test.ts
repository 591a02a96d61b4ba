import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Replica, type TestStores, startStores, untilReady } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, password, signIn } from '../testing/people.js';

let stores: TestStores;
let backend: Replica;
/** Another replica, which has seen none of it. */
let other: Replica;
let admin: Person;

beforeAll(async () => {
  stores = await startStores();
  const env = { ...jwtEnv, REFRESH_GRACE_S: '0', LOGIN_FAILURES: '5', SELF_REGISTRATION: 'true' };
  [backend, other] = await Promise.all([stores.start(env), stores.start(env)]);
  await Promise.all([backend, other].map(untilReady));
  admin = await signIn(backend, adminEmail);
});
afterAll(() => stores.close());

const post = (path: string, body: unknown, headers: Record<string, string> = {}, replica = backend) =>
  replica.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const login = (email: string, given: string, replica = backend) =>
  post('/auth/login', { email, password: given }, {}, replica);
const me = (token: string, replica = backend) =>
  replica.fetch('/auth/me', { headers: { authorization: `Bearer ${token}` } });

test("replicas that start at once make one first administrator, and know each other's tokens", async () => {
  const { items } = await backend.api.listUsers({ query: { role: 'admin' } }, { headers: bearer(admin) });
  expect(items).toMatchObject([{ email: adminEmail, roles: ['admin'] }]);
  expect((await me(admin.token, other)).status).toBe(200);
});

test('an invitation sets a password once', async () => {
  const as = { headers: bearer(admin) };
  const body = { email: 'invited@example.com', display_name: 'I', roles: ['student' as const] };
  const { user_id } = await backend.api.createUser({ body }, as);
  expect((await login(body.email, password)).status).toBe(401);
  const first = await backend.api.inviteUser({ params: { user_id } }, as);
  const second = await backend.api.inviteUser({ params: { user_id } }, as);
  const accept = (invitation: string) => post('/auth/invitation', { invitation, password });
  expect((await accept(first.invitation)).status).toBe(401);
  const answers = await Promise.all([1, 2, 3].map(() => accept(second.invitation)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(2);
  expect((await login(body.email, password)).status).toBe(200);
});

test('a wrong password, an unknown account and a disabled one get the same answer', async () => {
  const gone = await join(backend, admin, ['student'], 'gone');
  await backend.api.updateUser(
    { params: { user_id: gone.userId }, body: { disabled: true } },
    { headers: bearer(admin) },
  );
  const answers = await Promise.all([
    login(adminEmail, 'not the password'),
    login('nobody@example.com', password),
    login(gone.email, password),
  ]);
  const bodies = await Promise.all(
    answers.map(async (answer) => ({ ...Object(await answer.json()), request_id: '' })),
  );
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
  expect(bodies[1]).toEqual(bodies[0]);
  expect(bodies[2]).toEqual(bodies[0]);
});

test('a refresh token is good once; used again it ends the session', async () => {
  const student = await join(backend, admin, ['student'], 'refresher');
  const first = await backend.api.login({ body: { email: student.email, password } });
  const second = await other.api.refresh({ body: { refresh_token: first.refresh_token } });
  expect((await me(second.access_token)).status).toBe(200);
  expect((await post('/auth/refresh', { refresh_token: first.refresh_token })).status).toBe(401);
  // The thief and the owner cannot be told apart: neither continues.
  expect((await post('/auth/refresh', { refresh_token: second.refresh_token })).status).toBe(401);
});

test('of many exchanges of one refresh token at once one succeeds', async () => {
  const student = await join(backend, admin, ['student'], 'hasty');
  const { refresh_token } = await backend.api.login({ body: { email: student.email, password } });
  const answers = await Promise.all(
    [backend, other, backend, other].map((replica) => post('/auth/refresh', { refresh_token }, {}, replica)),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('within the grace whoever missed the answer gets it again', async () => {
  const gentle = await stores.start({ ...jwtEnv, REFRESH_GRACE_S: '60' });
  const { refresh_token } = await gentle.api.login({ body: { email: adminEmail, password } });
  const first = await gentle.api.refresh({ body: { refresh_token } });
  const again = await gentle.api.refresh({ body: { refresh_token } });
  expect(again.refresh_token).toBe(first.refresh_token);
  const next = await gentle.api.refresh({ body: { refresh_token: again.refresh_token } });
  expect(next.refresh_token).not.toBe(first.refresh_token);
});

test.each(['', 'nonsense', 'cloudemyr.AAAAAAAAAAAAAAAAAAAAAA.1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'])(
  'the refresh token %p is refused',
  async (refreshToken) => {
    expect((await post('/auth/refresh', { refresh_token: refreshToken })).status).toBe(401);
    expect((await post('/auth/logout', { refresh_token: refreshToken })).status).toBe(204);
  },
);

test('signing out, a new password and a lost role end sessions', async () => {
  const student = await join(backend, admin, ['student', 'instructor'], 'leaver');
  const begin = () => backend.api.login({ body: { email: student.email, password } });
  const refreshed = async (refreshToken: string) =>
    (await post('/auth/refresh', { refresh_token: refreshToken }, {}, other)).status;

  const left = await begin();
  await backend.api.logout({ body: { refresh_token: left.refresh_token } });
  expect(await refreshed(left.refresh_token)).toBe(401);

  const [old, elsewhere] = [await begin(), await begin()];
  const change = { current_password: password, new_password: 'another password of theirs' };
  const fresh = await backend.api.changePassword(
    { body: change },
    { headers: bearer({ token: old.access_token }) },
  );
  expect(await refreshed(old.refresh_token)).toBe(401);
  expect(await refreshed(elsewhere.refresh_token)).toBe(401);
  expect((await login(student.email, password)).status).toBe(401);

  await backend.api.updateUser(
    { params: { user_id: student.userId }, body: { roles: ['student'] } },
    { headers: bearer(admin) },
  );
  expect(await refreshed(fresh.refresh_token)).toBe(401);
});

test('nobody takes their own rights away', async () => {
  const change = (body: object) =>
    backend.fetch(`/users/${admin.userId}`, {
      method: 'PATCH',
      headers: { ...bearer(admin), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect((await change({ roles: ['student'] })).status).toBe(409);
  expect((await change({ disabled: true })).status).toBe(409);
  expect((await change({ roles: ['admin', 'instructor'] })).status).toBe(200);
});

test('who registers is a student, once per address', async () => {
  const body = { email: 'new@example.com', display_name: 'New', password };
  const { user, access_token: token } = await backend.api.register({ body });
  expect(user).toMatchObject({ roles: ['student'], disabled: false, issuer: null });
  expect(await (await me(token)).json()).toMatchObject({ effective_roles: ['student'] });
  expect((await post('/auth/register', { ...body, email: 'NEW@example.com' })).status).toBe(409);
  expect((await post('/auth/register', { ...body, email: 'x@example.com', password: 'short' })).status).toBe(
    422,
  );
});

test('a password that is guessed first is refused wherever one is set, and nothing else happens', async () => {
  const as = { headers: bearer(admin) };
  const who = { email: 'guessed@example.com', display_name: 'Guessed' };
  const { user_id } = await backend.api.createUser({ body: { ...who, roles: ['student'] } }, as);
  const { invitation } = await backend.api.inviteUser({ params: { user_id } }, as);
  for (const guessed of ['aaaaaaaaaaaa', 'passwordpassword', '123456789012', 'P@ssw0rd1234']) {
    for (const [path, body] of [
      ['/auth/register', { email: 'other@example.com', display_name: 'Other', password: guessed }],
      ['/auth/invitation', { invitation, password: guessed }],
    ] as const) {
      const answer = await post(path, body);
      expect([answer.status, await answer.json()]).toMatchObject([422, { errors: [{ path: 'password' }] }]);
    }
  }
  expect((await post('/auth/invitation', { invitation, password })).status).toBe(200);
  const { access_token: token } = await backend.api.login({ body: { email: who.email, password } });
  const change = { current_password: password, new_password: `${who.email}1` };
  const answer = await post('/auth/password', change, bearer({ token }));
  expect([answer.status, await answer.json()]).toMatchObject([422, { errors: [{ path: 'new_password' }] }]);
});

test('guesses are slowed down across replicas, whether there is an account or not', async () => {
  const victim = await join(backend, admin, ['student'], 'victim');
  for (const email of [victim.email, 'unknown@example.com']) {
    const answers = [];
    for (let guess = 0; guess < 6; guess += 1) {
      answers.push(await login(email, `guess ${guess}`, guess % 2 === 0 ? backend : other));
    }
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429]);
    expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect((await login(victim.email, password)).status).toBe(429);
});

test('signing in again and again is nothing to be slowed down for', async () => {
  for (let time = 0; time < 7; time += 1) expect((await login(adminEmail, password)).status).toBe(200);
});

test('no answer and no list holds what a password could be guessed from', async () => {
  const answer = await backend.fetch('/users', { headers: bearer(admin) });
  expect(await answer.text()).not.toMatch(/argon2|password|hash/);
});
