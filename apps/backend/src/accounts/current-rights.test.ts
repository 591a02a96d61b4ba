import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Replica, type TestStores, startStores } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, password, signIn } from '../testing/people.js';

let stores: TestStores;
let backend: Replica;
/** Another replica, which has seen none of it. */
let other: Replica;
let admin: Person;

beforeAll(async () => {
  stores = await startStores();
  const env = { ...jwtEnv, MAX_SESSIONS_PER_USER: '3' };
  [backend, other] = await Promise.all([stores.start(env), stores.start(env)]);
  admin = await signIn(backend, adminEmail);
});
afterAll(() => stores.close());

/** The status that somebody gets with the token they have. */
const status = async (
  who: Pick<Person, 'token'>,
  path: string,
  method = 'GET',
  body?: unknown,
  replica = backend,
) => {
  const answer = await replica.fetch(path, {
    method,
    headers: { ...bearer(who), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer.status;
};

const update = (userId: string, body: object) =>
  backend.api.updateUser({ params: { user_id: userId }, body }, { headers: bearer(admin) });

test.each([
  ['demoted', { roles: ['student' as const] }, 403],
  ['disabled', { disabled: true }, 401],
])(
  'an administrator who was %s undoes nothing with the token they still have',
  async (what, change, refused) => {
    const removed = await join(backend, admin, ['admin'], `removed-${what}`);
    // So that both replicas remember an administrator.
    expect(await status(removed, '/auth/me')).toBe(200);
    expect(await status(removed, '/auth/me', 'GET', undefined, other)).toBe(200);
    await update(removed.userId, change);
    const own = `/users/${removed.userId}`;
    for (const replica of [backend, other]) {
      const attempts = [
        await status(removed, own, 'PATCH', { roles: ['admin'], disabled: false }, replica),
        await status(removed, `/users/${admin.userId}/invitation`, 'POST', undefined, replica),
        await status(
          removed,
          '/users',
          'POST',
          { email: 'x@example.com', display_name: 'X', roles: ['admin'] },
          replica,
        ),
      ];
      expect(attempts.every((one) => one === 401 || one === refused)).toBe(true);
      expect([401, 403]).toContain(
        await status(removed, '/api-keys', 'POST', { name: 'k', scopes: ['terminals'] }, replica),
      );
    }
    expect(
      await backend.api.getUser({ params: { user_id: removed.userId } }, { headers: bearer(admin) }),
    ).toMatchObject({
      ...change,
    });
  },
);

test('a role that was given counts for the token there is', async () => {
  const promoted = await join(backend, admin, ['student'], 'promoted');
  expect(await status(promoted, '/users')).toBe(403);
  await update(promoted.userId, { roles: ['student', 'admin'] });
  expect(await status(promoted, '/users')).toBe(200);
});

test('an access token ends with its session, on every replica', async () => {
  const leaver = await join(backend, admin, ['student'], 'signed-out');
  const session = await backend.api.login({ body: { email: leaver.email, password } });
  const token = { token: session.access_token };
  expect(await status(token, '/auth/me', 'GET', undefined, other)).toBe(200);
  await backend.api.logout({ body: { refresh_token: session.refresh_token } });
  await until(async () => (await status(token, '/auth/me', 'GET', undefined, other)) === 401);
  // The other session of the same person continues until they sign out everywhere.
  expect(await status(leaver, '/auth/me')).toBe(200);
  expect(await status(leaver, `/users/${leaver.userId}/sessions`, 'DELETE')).toBe(204);
  expect(await status(leaver, '/api-keys', 'GET', undefined, other)).toBe(401);
});

test('whoever signs in again and again keeps the sessions used last', async () => {
  const { email } = await join(backend, admin, ['student'], 'everywhere');
  const begin = () => backend.api.login({ body: { email, password } });
  const first = await begin();
  const later = [await begin(), await begin(), await begin()];
  const refreshed = (session: { refresh_token: string }) =>
    backend.api.refresh({ body: { refresh_token: session.refresh_token } });
  await expect(refreshed(first)).rejects.toMatchObject({ status: 401 });
  for (const session of later) expect(await refreshed(session)).toMatchObject({ user: { email } });
});
