import { type IncomingHttpHeaders, type Server, createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { authenticateByBackend, remoteAuthEnv } from './by-backend.js';

/** What the backend is asked, which knows no key. */
let asked: { path: string | undefined; headers: IncomingHttpHeaders }[];
let server: Server;
let backendUrl: string;
beforeAll(async () => {
  server = createServer((req, res) => {
    asked.push({ path: req.url, headers: req.headers });
    res.writeHead(401, { 'content-type': 'application/problem+json' });
    res.end(
      JSON.stringify({
        type: 't',
        title: 't',
        status: 401,
        code: 'unauthenticated',
        detail: 'd',
        request_id: 'r',
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  backendUrl = `http://127.0.0.1:${address.port}`;
});
afterAll(() => {
  server.close();
});
beforeEach(() => {
  asked = [];
});

const authentication = () =>
  authenticateByBackend({
    ...z.object(remoteAuthEnv).parse({ INTERNAL_SERVICE_TOKEN: 'the token of the services' }),
    AUTH_MODE: 'jwt',
    AUTH_BACKEND_URL: backendUrl,
  });

const invented = (index: number): string =>
  `Bearer cloudemy_${index.toString(16).padStart(24, '0')}_${'x'.repeat(43)}`;

test('nobody is asked about what does not look like a key', async () => {
  const authenticate = authentication();
  for (const malformed of [
    'cloudemy_',
    'cloudemy_x',
    `cloudemy_${'0'.repeat(24)}_short`,
    `cloudemy_${'x'.repeat(8_000)}`,
  ]) {
    await expect(authenticate(`Bearer ${malformed}`, false, '198.51.100.7')).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  }
  expect(asked).toEqual([]);
});

test('the backend is told which service asks, and for which client', async () => {
  await expect(authentication()(invented(0), false, '198.51.100.7')).rejects.toMatchObject({
    code: 'unauthenticated',
  });
  expect(asked).toMatchObject([
    {
      path: '/auth/token',
      headers: { authorization: 'Bearer the token of the services', 'x-forwarded-for': '198.51.100.7' },
    },
  ]);
});

test('whoever invents keys uses up what is theirs: nobody is asked any more, and others are heard', async () => {
  const authenticate = authentication();
  const codes = new Map<string, number>();
  for (let index = 0; index < 100; index += 1) {
    const outcome = await authenticate(invented(index), false, '198.51.100.7').catch(
      (error: unknown) => error,
    );
    const code = String(Reflect.get(Object(outcome), 'code'));
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  // Slow machines may pass into the next minute.
  expect(codes.get('rate_limited')).toBeGreaterThan(0);
  expect(asked.length).toBe(codes.get('unauthenticated'));
  await expect(authenticate(invented(1_000), false, '203.0.113.9')).rejects.toMatchObject({
    code: 'unauthenticated',
  });
});
