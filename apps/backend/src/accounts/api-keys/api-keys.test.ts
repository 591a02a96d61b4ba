import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { authenticateByBackend, authEnv } from '@cloudemy/auth';
import { z } from 'zod';
import { type Replica, type TestStores, startStores } from '../../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, signIn } from '../../testing/people.js';

let stores: TestStores;
let backend: Replica;
let admin: Person;
let instructor: Person;

beforeAll(async () => {
  stores = await startStores();
  backend = await stores.start(jwtEnv);
  admin = await signIn(backend, adminEmail);
  instructor = await join(backend, admin, ['instructor', 'runner-operator'], 'instructor');
});
afterAll(() => stores.close());

const make = (scopes: ('grading:read' | 'terminals')[]) =>
  backend.api.createApiKey({ body: { name: 'script', scopes } }, { headers: bearer(instructor) });
const get = (path: string, key: string) =>
  backend.fetch(path, { headers: { authorization: `Bearer ${key}` } });

test('a key is shown once and good for its scopes, as far as its owner reaches', async () => {
  const { api_key: key, api_key_id: id } = await make(['grading:read']);
  expect((await get('/submissions', key)).status).toBe(200);
  expect((await get('/users', key)).status).toBe(403);
  expect((await get('/api-keys', key)).status).toBe(403);
  const created = await backend.fetch('/assignments', {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{}',
  });
  expect([created.status, created.headers.get('www-authenticate')]).toEqual([
    403,
    'Bearer realm="cloudemy", error="insufficient_scope", scope="grading:write"',
  ]);
  const list = await backend.api.listApiKeys({}, { headers: bearer(instructor) });
  expect(list.items).toMatchObject([{ api_key_id: id, scopes: ['grading:read'] }]);
  expect(JSON.stringify(list)).not.toContain(key.slice(-20));
});

test('a revoked key, a changed one and one of a disabled user are worth nothing', async () => {
  const { api_key: key, api_key_id: id } = await make(['grading:read']);
  expect((await get('/submissions', `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`)).status).toBe(401);
  await backend.api.deleteApiKey({ params: { api_key_id: id } }, { headers: bearer(admin) });
  expect((await get('/submissions', key)).status).toBe(401);

  const leaver = await join(backend, admin, ['student'], 'leaver');
  const body = { name: 'k', scopes: ['grading:read' as const] };
  const kept = await backend.api.createApiKey({ body }, { headers: bearer(leaver) });
  expect((await get('/submissions', kept.api_key)).status).toBe(200);
  const disable = { params: { user_id: leaver.userId }, body: { disabled: true } };
  await backend.api.updateUser(disable, { headers: bearer(admin) });
  expect((await get('/submissions', kept.api_key)).status).toBe(401);
});

test('keys of others are not seen and not revoked', async () => {
  const { api_key_id: id } = await make(['terminals']);
  const stranger = await join(backend, admin, ['instructor'], 'stranger');
  const as = { headers: bearer(stranger) };
  expect((await backend.api.listApiKeys({}, as)).items).toEqual([]);
  expect((await backend.api.listApiKeys({ query: { user_id: instructor.userId } }, as)).items).toEqual([]);
  await expect(backend.api.deleteApiKey({ params: { api_key_id: id } }, as)).rejects.toMatchObject({
    status: 404,
  });
});

test('another service learns from the backend who holds a key and who a token speaks for', async () => {
  const { api_key: key } = await make(['terminals']);
  const config = {
    ...z.object(authEnv).parse({}),
    AUTH_MODE: 'jwt' as const,
    AUTH_BACKEND_URL: backend.base,
  };
  const authenticate = authenticateByBackend(config);
  expect(await authenticate(`Bearer ${key}`)).toMatchObject({
    userId: instructor.userId,
    roles: ['instructor', 'runner-operator'],
    keyScopes: ['terminals'],
  });
  expect(await authenticate(`Bearer ${instructor.token}`)).toMatchObject({ userId: instructor.userId });
  await expect(authenticate('Bearer cloudemy_nonsense')).rejects.toMatchObject({ code: 'unauthenticated' });
  const nobody = authenticateByBackend({ ...config, AUTH_BACKEND_URL: 'http://127.0.0.1:1' });
  await expect(nobody(`Bearer ${key}`)).rejects.toMatchObject({ code: 'unavailable' });
});
