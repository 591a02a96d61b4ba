import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestIssuer, createTestIssuer } from '../testing/issuer.js';
import { externalUserId } from './claims.js';
import { backendIssuer, remoteKeys } from './issuer.js';
import { oidcIssuer } from './oidc-issuer.js';
import { verifyAccessToken } from './verify.js';

const userId = '66f0c0ffee00000000000001';
const claims = { sub: userId, roles: ['student'] };
const clockTolerance = 5;

let issuer: TestIssuer;
let served: unknown;
let fetches = 0;
let server: Server;
let base: string;

beforeAll(async () => {
  issuer = await createTestIssuer({ iss: 'cloudemy', aud: 'cloudemy' });
  served = issuer.jwks;
  server = createServer((req, res) => {
    fetches += 1;
    const body = req.url === '/jwks' ? served : { issuer: base, jwks_uri: `${base}/jwks` };
    res.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // The server listens on TCP.
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

const options = () => ({ issuers: [backendIssuer('cloudemy', 'cloudemy', issuer.keys)], clockTolerance });

test('a good token tells who it is, what they are, and until when', async () => {
  const exp = Math.floor(Date.now() / 1_000) + 60;
  const token = await issuer.sign({ ...claims, exp, key_scopes: ['grading:read'] });
  await expect(verifyAccessToken(token, options())).resolves.toEqual({
    userId,
    roles: ['student'],
    keyScopes: ['grading:read'],
    expiresAt: new Date(exp * 1_000),
  });
});

test('clocks may differ a little', async () => {
  const token = await issuer.sign({ ...claims, exp: Math.floor(Date.now() / 1_000) - 1 });
  await expect(verifyAccessToken(token, { ...options(), clockTolerance: 60 })).resolves.toMatchObject({
    userId,
  });
});

test('whatever is forged is refused', async () => {
  const forged = await issuer.forged(claims);
  for (const [what, token] of Object.entries(forged)) {
    const refusal = await verifyAccessToken(token, options()).catch((error: unknown) => error);
    expect([what, refusal]).toEqual([
      what,
      expect.objectContaining({
        code: 'unauthenticated',
        headers: { 'WWW-Authenticate': expect.anything() },
      }),
    ]);
  }
  expect(Object.keys(forged).length).toBeGreaterThan(10);
});

test.each([
  ['roles that do not exist', { roles: ['king'] }],
  ['no roles', { roles: undefined }],
  ['a subject that is no id', { sub: 'ada' }],
])('signed claims with %s are refused', async (_, changed) => {
  const token = await issuer.sign({ ...claims, ...changed });
  await expect(verifyAccessToken(token, options())).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('keys at a URL are fetched once, and made-up key ids do not make it fetch again and again', async () => {
  const remote = {
    issuers: [backendIssuer('cloudemy', 'cloudemy', remoteKeys(`${base}/jwks`))],
    clockTolerance,
  };
  fetches = 0;
  await verifyAccessToken(await issuer.sign(claims), remote);
  for (let kid = 0; kid < 20; kid += 1) {
    const token = await issuer.sign(claims, { kid: `made-up-${kid}` });
    await expect(verifyAccessToken(token, remote)).rejects.toMatchObject({ code: 'unauthenticated' });
  }
  await verifyAccessToken(await issuer.sign(claims), remote);
  expect(fetches).toBe(1);
});

test('a key that came with a rotation is found', async () => {
  const keys = remoteKeys(`${base}/jwks`, {}, 0);
  const remote = { issuers: [backendIssuer('cloudemy', 'cloudemy', keys)], clockTolerance };
  await verifyAccessToken(await issuer.sign(claims), remote);
  const next = await createTestIssuer({ iss: 'cloudemy', aud: 'cloudemy' }, 'next');
  served = { keys: [...issuer.jwks.keys, ...next.jwks.keys] };
  await expect(verifyAccessToken(await next.sign(claims), remote)).resolves.toMatchObject({ userId });
  await expect(verifyAccessToken(await issuer.sign(claims), remote)).resolves.toMatchObject({ userId });
  served = issuer.jwks;
});

test('when the keys cannot be had, nobody is called a forger', async () => {
  const remote = {
    issuers: [backendIssuer('cloudemy', 'cloudemy', remoteKeys('http://127.0.0.1:1/jwks'))],
    clockTolerance,
  };
  await expect(verifyAccessToken(await issuer.sign(claims), remote)).rejects.toMatchObject({
    code: 'unavailable',
    headers: { 'Retry-After': expect.anything() },
  });
});

test('an OpenID provider is found by discovery, and its names of roles become ours', async () => {
  const mapping = { claim: 'realm.roles', roles: { teacher: 'instructor', ops: 'runner-operator' } } as const;
  const external = oidcIssuer({ issuer: base, audience: 'api', mapping });
  const foreign = {
    iss: base,
    aud: 'api',
    sub: 'ada|1',
    realm: { roles: ['teacher', 'ops', 'constructor'] },
  };
  const token = await issuer.sign(foreign);
  await expect(verifyAccessToken(token, { issuers: [external], clockTolerance })).resolves.toMatchObject({
    userId: externalUserId(base, 'ada|1'),
    roles: ['instructor', 'runner-operator'],
  });
  const other = await issuer.sign({ ...foreign, aud: 'another' });
  await expect(verifyAccessToken(other, { issuers: [external], clockTolerance })).rejects.toMatchObject({
    code: 'unauthenticated',
  });
});

test('an ID token of a provider is no access token, however it is typed', async () => {
  const mapping = { claim: 'roles', roles: {} };
  const id = { iss: base, aud: 'api', sub: 'ada', nonce: 'n' };
  for (const type of ['at+jwt', 'JWT'] as const) {
    const external = oidcIssuer({ issuer: base, audience: 'api', mapping, type });
    const verify = async (claims: object, typ: string) =>
      verifyAccessToken(await issuer.sign({ ...claims }, { typ }), { issuers: [external], clockTolerance });
    await expect(verify(id, type)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(verify({ ...id, nonce: undefined, typ: 'ID' }, type)).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    await expect(verify({ iss: base, aud: 'api', sub: 'ada' }, type)).resolves.toMatchObject({ roles: [] });
  }
  const strict = oidcIssuer({ issuer: base, audience: 'api', mapping });
  const typed = await issuer.sign({ iss: base, aud: 'api', sub: 'ada' }, { typ: 'JWT' });
  await expect(verifyAccessToken(typed, { issuers: [strict], clockTolerance })).rejects.toMatchObject({
    code: 'unauthenticated',
  });
});

test('a provider that calls itself something else than configured is not believed', async () => {
  const mapping = { claim: 'roles', roles: {} };
  const external = oidcIssuer({ issuer: `${base}/other`, audience: 'api', mapping });
  const token = await issuer.sign({ iss: `${base}/other`, aud: 'api', sub: 'ada' });
  await expect(verifyAccessToken(token, { issuers: [external], clockTolerance })).rejects.toMatchObject({
    code: 'unavailable',
  });
});
