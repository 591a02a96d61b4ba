import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Replica, type TestStores, startStores } from '../../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, password, signIn } from '../../testing/people.js';

let stores: TestStores;
let backend: Replica;
let admin: Person;

beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start(jwtEnv);
  admin = await signIn(backend, adminEmail);
});
afterAll(() => stores.close());

const scopes = ['grading:read' as const];
const another = 'another password for the tests';

const works = async (key: string): Promise<boolean> =>
  (await backend.fetch('/submissions', { headers: { authorization: `Bearer ${key}` } })).status === 200;

/** A student with an API key. */
async function holder(name: string) {
  const who = await join(backend, admin, ['student'], name);
  const { api_key: key } = await backend.api.createApiKey(
    { body: { name: 'k', scopes } },
    { headers: bearer(who) },
  );
  expect(await works(key)).toBe(true);
  return { who, key };
}

type Holder = Awaited<ReturnType<typeof holder>>['who'];

const ends: [string, (who: Holder, keep: boolean) => Promise<unknown>][] = [
  [
    'a change of the password',
    (who, keep) =>
      backend.api.changePassword(
        { body: { current_password: password, new_password: another, keep_api_keys: keep } },
        { headers: bearer(who) },
      ),
  ],
  [
    'a reset by invitation',
    async (who, keep) => {
      const { invitation } = await backend.api.inviteUser(
        { params: { user_id: who.userId } },
        { headers: bearer(admin) },
      );
      return backend.api.acceptInvitation({ body: { invitation, password: another, keep_api_keys: keep } });
    },
  ],
  [
    'signing out everywhere',
    (who, keep) =>
      backend.api.endSessions(
        { params: { user_id: who.userId }, query: { keep_api_keys: keep ? 'true' : 'false' } },
        { headers: bearer(admin) },
      ),
  ],
];

test.each(ends)('%s ends API keys', async (what, end) => {
  const { who, key } = await holder(`ends-${what.replaceAll(' ', '-')}`);
  await end(who, false);
  expect(await works(key)).toBe(false);
});

test.each(ends)('%s keeps API keys for who says so', async (what, end) => {
  const { who, key } = await holder(`keeps-${what.replaceAll(' ', '-')}`);
  await end(who, true);
  expect(await works(key)).toBe(true);
});

test('a disabled account has no keys, also when it is enabled again', async () => {
  const { who, key } = await holder('disabled');
  for (const disabled of [true, false]) {
    await backend.api.updateUser(
      { params: { user_id: who.userId }, body: { disabled } },
      { headers: bearer(admin) },
    );
    expect(await works(key)).toBe(false);
  }
});

test('what a key was exchanged for ends with the key', async () => {
  const { who, key } = await holder('exchanged');
  const { access_token: token } = await backend.api.exchangeApiKey({ body: { api_key: key } });
  expect(await works(token)).toBe(true);
  await backend.api.endSessions({ params: { user_id: who.userId } }, { headers: bearer(admin) });
  await until(async () => !(await works(token)));
});

test('a stolen access token makes no key of an older session', async () => {
  const strict = await stores.start({ ...jwtEnv, REAUTHENTICATE_AFTER_S: '1' });
  const who = await join(strict, admin, ['student'], 'robbed');
  const make = (given?: string) =>
    strict.api.createApiKey(
      { body: { name: 'k', scopes, ...(given === undefined ? {} : { password: given }) } },
      { headers: bearer(who) },
    );
  await until(() =>
    make().then(
      () => false,
      (error: unknown) => {
        expect(error).toMatchObject({ status: 401, problem: { code: 'reauthentication_required' } });
        return true;
      },
    ),
  );
  await expect(make('not the password')).rejects.toMatchObject({ status: 401 });
  expect(await make(password)).toMatchObject({ scopes });
});
