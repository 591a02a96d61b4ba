import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type Socket, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Problem, defineApi, signInBodyLimit } from '@cloudemy/contracts';
import fc from 'fast-check';
import { z } from 'zod';
import { Health } from '../health/health.js';
import { createLogger } from '../log/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { createHttpApp } from './app.js';
import { routeBody } from './json-body.js';
import { jsonExcess } from './json-excess.js';
import { maxProblemBytes, problemText } from './problem-text.js';
import { serveApi } from './routes.js';
import { type HttpServer, type ListenOptions, listen } from './server.js';

const body = z.strictObject({
  name: z.string().max(100),
  list: z.array(z.strictObject({ n: z.number() })).max(10),
});
const common = {
  method: 'post',
  summary: 's',
  tag: 't',
  body,
  responses: { 204: { description: 'd' } },
} as const;
const api = defineApi({
  signIn: { ...common, path: '/sign-in', auth: 'public', bodyLimit: signInBodyLimit },
  fill: { ...common, path: '/fill', auth: 'user', bodyLimit: { bytes: 2_000_000, values: 100_000 } },
});

const done = { status: 204 } as const;

let server: HttpServer;
afterEach(() => server.close(0));

/** A service as all are, and where it listens. */
async function serve(): Promise<string> {
  const app = createHttpApp({
    api,
    info: { title: 'T', version: '1', description: 'D' },
    log: createLogger('test', 'silent'),
    health: new Health(),
    metrics: new Metrics('test'),
    origins: { allowedOrigins: [] },
    routes: [
      serveApi(
        api,
        { signIn: () => done, fill: () => done },
        () => [],
        (route) => routeBody(route),
      ),
    ],
  });
  server = await listen(app, '127.0.0.1', 0);
  return `http://127.0.0.1:${server.port}`;
}

const post = (url: string, payload: string | Uint8Array<ArrayBuffer>, headers = {}) =>
  fetch(url, { method: 'POST', body: payload, headers: { 'content-type': 'application/json', ...headers } });

describe('whatever is wrong with a request, the answer stays small', () => {
  test.each([
    ['unknown keys', Object.fromEntries(Array.from({ length: 90_000 }, (_, index) => [index, 1]))],
    ['keys as long as the body', { ['k'.repeat(1_900_000)]: 1 }],
    [
      'keys that grow when they are escaped',
      Object.fromEntries([...Array(20).keys()].map((key) => [`${'\0'.repeat(9_000)}${key}`, 1])),
    ],
    ['wrong items', { name: 'a', list: Array.from({ length: 49_000 }, () => ({ n: 'x' })) }],
    ['a long string', { name: 'x'.repeat(1_900_000), list: [] }],
  ])('%s', async (_, payload) => {
    const answer = await post(`${await serve()}/fill`, JSON.stringify(payload));
    expect(answer.status).toBe(422);
    const said = await answer.text();
    expect(Buffer.byteLength(said)).toBeLessThanOrEqual(maxProblemBytes);
    const { errors }: Problem = JSON.parse(said);
    expect(errors?.length).toBeLessThanOrEqual(20);
    expect(errors?.length).toBeGreaterThan(0);
  });

  test('for every problem that can be made', () => {
    // A few characters again and again: to draw each of a million takes half a minute, and finds nothing more.
    const few = fc.string({ unit: 'binary', maxLength: 10 });
    const string = fc.tuple(few, fc.nat(300)).map(([text, times]) => text.repeat(times));
    const error = fc.record({ in: fc.constant('body' as const), path: string, reason: string });
    const object = fc.record({
      api_version: fc.constant('v1'),
      kind: fc.constant('Secret'),
      name: fc.constant('a'),
      namespace: fc.constant('default'),
      uid: fc.constant(null),
      document: fc.constant(1),
      result: fc.constant('failed' as const),
      message: string,
      warnings: fc.array(string, { maxLength: 20 }),
    });
    const many = { maxLength: 300, size: 'max' } as const;
    fc.assert(
      fc.property(string, fc.array(error, many), fc.array(object, many), (detail, errors, objects) => {
        const problem = {
          type: 't',
          title: 't',
          status: 422,
          code: 'c',
          request_id: 'r',
          detail,
          errors,
          objects,
        };
        const said = problemText(problem);
        expect(Buffer.byteLength(said)).toBeLessThanOrEqual(maxProblemBytes);
        const told: Problem = JSON.parse(said);
        expect((told.errors?.length ?? 0) + (told.errors_omitted ?? 0)).toBe(errors.length);
        expect((told.objects?.length ?? 0) + (told.objects_omitted ?? 0)).toBe(objects.length);
      }),
      { numRuns: 30 },
    );
  });
});

describe('before a body is parsed', () => {
  test.each([
    ['deep lists', `${'['.repeat(900_000)}${']'.repeat(900_000)}`, 413, 'deeper than 32'],
    ['deep objects', `${'{"a":'.repeat(300_000)}1${'}'.repeat(300_000)}`, 413, 'deeper than 32'],
    ['wide lists', `[${'1,'.repeat(200_000)}1]`, 413, 'more than 100000 values'],
    ['brackets in a string', JSON.stringify({ name: '[{,"\\'.repeat(50_000), list: [] }), 422, 'name'],
  ])('%s are seen', async (_, payload, status, said) => {
    const answer = await post(`${await serve()}/fill`, payload);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(said);
  });

  test('what is within the limits is never refused', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const json = JSON.stringify(value);
        expect(jsonExcess(Buffer.from(json), json.length + 1)).toBeUndefined();
      }),
    );
  });

  test('who has shown nothing yet may send little, and nothing compressed', async () => {
    const url = `${await serve()}/sign-in`;
    const good = JSON.stringify({ name: 'a', list: [] });
    expect((await post(url, good)).status).toBe(204);
    expect((await post(url, gzipSync(good), { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await post(url, JSON.stringify({ name: 'x'.repeat(5_000) }))).status).toBe(413);
    expect(
      (await post(url.replace('sign-in', 'fill'), gzipSync(good), { 'content-encoding': 'gzip' })).status,
    ).toBe(204);
  });
});

describe('connections', () => {
  const limits = { connections: { all: 10, perAddress: 2 }, requestMs: 10_000, unreadMs: 40 };
  const open = async (): Promise<Socket> => {
    const socket = connect(server.port, '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  const answersOver = async (socket: Socket): Promise<boolean> => {
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    return (await text(socket).catch(() => '')).startsWith('HTTP/1.1 200');
  };
  const start = async (options: ListenOptions): Promise<void> => {
    server = await listen((_req, res) => res.end('here'), '127.0.0.1', 0, options);
  };

  test('from one address are bounded; who has left makes room', async () => {
    await start({ limits });
    const first = await open();
    const second = await open();
    expect(await answersOver(await open())).toBe(false);
    expect(await answersOver(first)).toBe(true);
    expect(await answersOver(await open())).toBe(true);
    second.destroy();
  });

  test('of a proxy are bounded with all others only', async () => {
    await start({ limits, isProxy: (address) => address === '127.0.0.1' });
    const held = [await open(), await open(), await open()];
    expect(await answersOver(await open())).toBe(true);
    for (const socket of held) socket.destroy();
  });

  test.each([
    ['an answer that is complete', (res: ServerResponse) => void res.end(Buffer.alloc(50_000_000))],
    ['a stream that goes on', (res: ServerResponse) => void res.write(Buffer.alloc(50_000_000))],
  ])('that do not read %s are ended', async (_, answer) => {
    const ended = Promise.withResolvers<boolean>();
    server = await listen(
      (_req, res) => {
        res.once('close', () => ended.resolve(res.writableFinished));
        answer(res);
      },
      '127.0.0.1',
      0,
      { limits },
    );
    const socket = await open();
    socket.pause().write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await ended.promise).toBe(false);
    socket.destroy();
  });

  test('that read their answer to its end are kept', async () => {
    // Long enough for a reader on a busy machine: what is held here is that reading in time ends nothing.
    server = await listen((_req, res) => res.end(Buffer.alloc(50_000_000)), '127.0.0.1', 0, {
      limits: { ...limits, unreadMs: 5_000 },
    });
    const answer = await fetch(`http://127.0.0.1:${server.port}/`);
    expect((await answer.arrayBuffer()).byteLength).toBe(50_000_000);
  });
});

describe('nothing is told before Host and Origin are looked at', () => {
  test.each(['/metrics', '/livez', '/readyz', '/health', '/openapi.json'])('%s', async (path) => {
    const url = await serve();
    expect((await fetch(`${url}${path}`)).status).toBe(200);
    expect((await fetch(`${url}${path}`, { headers: { origin: 'http://evil.example' } })).status).toBe(403);
  });

  test('a request without Host gets a problem', async () => {
    await serve();
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('application/problem+json');
  });
});

test('the description of the API is sent once to whoever keeps it', async () => {
  const url = `${await serve()}/openapi.json`;
  const first = await fetch(url);
  const etag = first.headers.get('etag') ?? '';
  expect(await first.json()).toMatchObject({ openapi: '3.1.0' });
  const again = await fetch(url, { headers: { 'if-none-match': etag } });
  expect([again.status, await again.text()]).toEqual([304, '']);
});
