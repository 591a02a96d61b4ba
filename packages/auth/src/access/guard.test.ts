import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AccessTable, defineApi, services, users } from '@cloudemy/contracts';
import {
  Health,
  type HttpServer,
  Metrics,
  ProblemError,
  createHttpApp,
  createLogger,
  listen,
  openEventStream,
  serveApi,
} from '@cloudemy/service';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Actor, actorOf, scopesOn } from '../actor/actor.js';
import { type TestIssuer, createTestIssuer } from '../testing/issuer.js';
import { backendIssuer } from '../tokens/issuer.js';
import { apiKeyPrefix, authenticateByToken } from './authenticate.js';
import { createGuard } from './guard.js';

const route = { method: 'get', tag: 't', summary: 's', auth: 'user' } as const;
const text = { 200: { description: 'd', schema: z.unknown() } };
const api = defineApi({
  read: { ...route, path: '/read', responses: text },
  follow: {
    ...route,
    path: '/follow',
    responses: { 200: { description: 'd', schema: z.string(), contentType: 'text/event-stream' } },
  },
  person: { ...route, path: '/person', responses: text },
});
const table: AccessTable = {
  read: users('grading:read', { student: ['own'], admin: ['any'] }),
  follow: users('grading:read', { student: ['own'] }),
  person: users('none', { student: ['own'] }),
};
const userId = '66f0c0ffee00000000000001';
const keyHolder: Actor = { userId, roles: ['student'], keyScopes: ['grading:read'] };

let issuer: TestIssuer;
/** Keys that were good and are not any more. */
const revoked = new Set<string>();
let outage = false;
/** What an API key looks like before its secret. */
const keyBase = `${apiKeyPrefix}${'0'.repeat(24)}_`;
const keyOf = (secret: string): string => `${keyBase}${secret.padStart(43, '-')}`;

let server: HttpServer;

beforeAll(async () => {
  issuer = await createTestIssuer({ iss: 'cloudemy', aud: 'cloudemy' });
  const options = { issuers: [backendIssuer('cloudemy', 'cloudemy', issuer.keys)], clockTolerance: 0 };
  const hour = 3_600_000;
  const lifetimes = new Map([
    ['good', hour],
    ['brief', 200],
  ]);
  const authenticate = authenticateByToken(options, async (key) => {
    if (outage) throw new ProblemError('unavailable', { detail: 'away', retryAfter: 1 });
    const lifeMs = lifetimes.get(key.slice(keyBase.length).replaceAll('-', ''));
    if (lifeMs === undefined || revoked.has(key)) return undefined;
    return { ...keyHolder, expiresAt: new Date(Date.now() + lifeMs) };
  });
  const who = ({ res }: { res: Parameters<typeof actorOf>[0] }) => ({
    status: 200 as const,
    body: { user: actorOf(res).userId, scopes: scopesOn(res) },
  });
  const handlers = {
    read: who,
    person: who,
    follow: ({ res }: { res: Parameters<typeof actorOf>[0] }) => {
      openEventStream(res);
      return undefined;
    },
  };
  const log = createLogger('test', 'silent');
  const app = createHttpApp({
    api,
    access: table,
    info: { title: 'T', version: '1', description: 'D' },
    log,
    health: new Health(),
    metrics: new Metrics('test'),
    origins: { allowedOrigins: [] },
    routes: [serveApi(api, handlers, createGuard({ table, authenticate, lookMs: 20 }))],
  });
  server = await listen(app, '127.0.0.1', 0);
});
afterAll(() => server.close(0));

const get = (path: string, token?: string) =>
  fetch(`http://127.0.0.1:${server.port}${path}`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
const tokenOf = (roles: string[], claims: object = {}) => issuer.sign({ sub: userId, roles, ...claims });

test('without credentials nobody comes in, and is told how to', async () => {
  const answer = await get('/read');
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="cloudemy"');
  expect(await answer.json()).toMatchObject({ code: 'unauthenticated' });
});

test('whose objects one reaches follows from the roles', async () => {
  expect(await (await get('/read', await tokenOf(['student']))).json()).toEqual({
    user: userId,
    scopes: ['own'],
  });
  const both = await get('/read', await tokenOf(['student', 'admin']));
  expect(await both.json()).toEqual({ user: userId, scopes: ['own', 'any'] });
});

test('a role without a place in the row is turned away', async () => {
  const answer = await get('/read', await tokenOf(['instructor']));
  expect(answer.status).toBe(403);
  expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
  expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('student, admin') });
});

test('an API key opens what it was made for and nothing else', async () => {
  expect((await get('/read', keyOf('good'))).status).toBe(200);
  expect((await get('/person', keyOf('good'))).status).toBe(403);
  expect((await get('/read', keyOf('bad'))).status).toBe(401);
});

test('a stream ends with the right to read it', async () => {
  const answer = await get('/follow', keyOf('brief'));
  expect(answer.status).toBe(200);
  // Never would, if nothing cut it.
  await answer.text();
});

test('a stream ends soon after the right to read it was taken away, and not for an outage', async () => {
  const key = keyOf('good');
  const answer = await get('/follow', key);
  outage = true;
  await sleep(100);
  outage = false;
  expect((await get('/read', key)).status).toBe(200);
  const reading = answer.text();
  const first = await Promise.race([reading, sleep(100, 'goes on')]);
  expect(first).toBe('goes on');
  revoked.add(key);
  // Never would, if nothing cut it.
  await reading;
  revoked.delete(key);
});

const guardOf = (rules: AccessTable) =>
  createGuard({ table: rules, authenticate: () => Promise.resolve(keyHolder) });

test('a service with a route that has no row, or one that contradicts it, does not start', () => {
  expect(() => guardOf({})(api.read, 'read')).toThrow(/read .* needs a row/);
  expect(() => guardOf({ read: { who: 'anyone' } })(api.read, 'read')).toThrow(/read .* needs a row/);
  expect(() => guardOf(table)(api.read, 'toString')).toThrow(/toString .* needs a row/);
});

test('a service with a route for services and nothing that tells them does not start', () => {
  const internal = { ...api.read, auth: 'service' } as const;
  expect(() => guardOf({ read: services })(internal, 'read')).toThrow(/no service gate/);
});
