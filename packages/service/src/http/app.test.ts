import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defineApi, ProblemAnswer, createClient } from '@cloudemy/contracts';
import { request as rawRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Router } from 'express';
import request from 'supertest';
import { z } from 'zod';
import { Health } from '../health/health.js';
import { createLogger } from '../log/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { documentedFetch } from '../testing/documented.js';
import { createHttpApp } from './app.js';
import { openEventStream } from './event-stream.js';
import { routeBody } from './json-body.js';
import { loopbackHosts } from './origin-guard.js';
import { type Handlers, serveApi } from './routes.js';
import { type HttpServer, listen } from './server.js';

const api = defineApi({
  echo: {
    method: 'post',
    path: '/things/{n}',
    summary: 's',
    tag: 't',
    auth: 'public',
    params: z.object({ n: z.coerce.number('must be a number') }),
    query: z.strictObject({ q: z.string().default('none') }),
    body: z.strictObject({ list: z.array(z.object({ x: z.number() })) }),
    responses: {
      200: { description: 'd', schema: z.object({ n: z.number(), q: z.string(), sum: z.number() }) },
    },
    problems: ['not_found'],
  },
  claim: {
    method: 'post',
    path: '/things/claim',
    summary: 's',
    tag: 't',
    auth: 'public',
    responses: { 200: { description: 'd', schema: z.literal('claimed') } },
  },
  read: {
    method: 'get',
    path: '/read',
    summary: 's',
    tag: 't',
    auth: 'public',
    responses: { 200: { description: 'd', schema: z.literal('read') } },
  },
  stream: {
    method: 'get',
    path: '/stream',
    summary: 's',
    tag: 't',
    auth: 'public',
    responses: { 200: { description: 'd', schema: z.string(), contentType: 'text/event-stream' } },
  },
  breaks: {
    method: 'get',
    path: '/breaks',
    summary: 's',
    tag: 't',
    auth: 'public',
    responses: { 204: { description: 'd' } },
  },
});

const handlers: Handlers<typeof api> = {
  echo: ({ params, query, body }) => ({
    status: 200,
    body: { n: params.n, q: query.q, sum: body.list.reduce((sum, { x }) => sum + x, 0) },
  }),
  claim: () => ({ status: 200, body: 'claimed' }),
  read: () => ({ status: 200, body: 'read' }),
  stream: async ({ res }) => {
    const stream = openEventStream(res);
    await stream.send({ event: 'a', id: '1', data: 'x\ny' });
    stream.end();
    return undefined;
  },
  breaks: () => {
    throw new Error('secret inside');
  },
};

const anyone = () => [];

let extraIsAway = false;
const health = new Health({ checkTimeoutMs: 50, recentMs: 0 });
let dependency: () => Promise<unknown> = async () => {};
let server: HttpServer;
let base: string;

beforeAll(async () => {
  health.addDependency('thing', () => dependency());
  const app = createHttpApp({
    api,
    info: { title: 'T', version: '1', description: 'D' },
    log: createLogger('test', 'silent'),
    health,
    metrics: new Metrics('test'),
    origins: { allowedOrigins: ['http://localhost:3000'], allowedHosts: loopbackHosts },
    routes: [serveApi(api, handlers, anyone, (route) => routeBody(route, 1_000))],
  });
  server = await listen(app, '127.0.0.1', 0);
  base = `http://127.0.0.1:${server.port}`;
});

afterAll(() => server.close(100));

test('the client reaches the handler, typed and with defaults', async () => {
  const client = createClient(api, { baseUrl: base, fetch: documentedFetch(api, base) });
  const answer = await client.echo({ params: { n: 7 }, body: { list: [{ x: 1 }, { x: 2 }] } });
  expect(answer).toEqual({ n: 7, q: 'none', sum: 3 });
  expect(await client.claim({})).toBe('claimed');
});

test('all faults of a request are named at once', async () => {
  const client = createClient(api, { baseUrl: base, fetch: documentedFetch(api, base) });
  const error = await client
    .echo(JSON.parse('{"params":{"n":"seven"},"query":{"p":1},"body":{"list":[{"x":1},{"x":"2"}],"more":1}}'))
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProblemAnswer);
  expect(error).toMatchObject({
    status: 422,
    problem: {
      code: 'invalid_request',
      errors: [
        { in: 'path', path: 'n', reason: 'must be a number' },
        { in: 'query', path: 'p' },
        { in: 'body', path: 'list[1].x' },
        { in: 'body', path: 'more' },
      ],
    },
  });
});

test.each([
  ['not JSON', '{', 'application/json', 400, 'malformed_json'],
  ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'application/json', 400, 'malformed_json'],
  ['another media type', 'x', 'text/plain', 415, 'unsupported_media_type'],
  ['another charset', '{}', 'application/json; charset=utf-7', 415, 'unsupported_media_type'],
  ['too much', JSON.stringify('x'.repeat(2_000)), 'application/json', 413, 'too_large'],
  ['a string', '"x"', 'application/json', 422, 'invalid_request'],
  ['nothing', '', 'application/json', 422, 'invalid_request'],
])('a body that is %s is refused in words', async (_, body, type, status, code) => {
  const answer = await documentedFetch(api, base)('/things/1', {
    method: 'POST',
    body,
    headers: { 'content-type': type, 'x-request-id': 'abc' },
  });
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ code, status, request_id: 'abc' });
});

test('a path that is not there, a method that is not there, a malformed escape', async () => {
  await request(base)
    .get('/nope')
    .expect(404)
    .expect('content-type', /problem\+json/);
  await request(base).get('/things/1').expect(405).expect('allow', 'POST, OPTIONS');
  await request(base)
    .post('/things/%zz')
    .expect(400)
    .expect('content-type', /problem\+json/);
});

test('what nobody expected is a 500 without a word of the inside', async () => {
  const answer = await request(base).get('/breaks').expect(500);
  expect(answer.body).toMatchObject({ code: 'internal_error' });
  expect(answer.text).not.toContain('secret');
});

test('foreign pages and rebound names are turned away', async () => {
  await request(base).post('/things/claim').set('origin', 'http://evil.example').expect(403);
  await request(base).post('/things/claim').set('origin', 'null').expect(403);
  await request(base).post('/things/claim').set('origin', 'http://localhost:3000').expect(200);
  await request(base).post('/things/claim').set('origin', base).expect(200);
  await request(base).post('/things/claim').set('host', 'rebound.example:80').expect(403);
});

test('events are framed, several lines too', async () => {
  const answer = await request(base).get('/stream').expect(200);
  expect(answer.text).toBe('id: 1\nevent: a\ndata: x\ndata: y\n\n');
});

test('readiness names what does not answer, within its time', async () => {
  await request(base).get('/readyz').expect(200);
  dependency = () => new Promise(() => {});
  const answer = await request(base).get('/readyz').expect(503);
  expect(answer.body).toEqual({
    status: 'failing',
    checks: [{ name: 'thing', ok: false, detail: 'no answer within 50 ms' }],
  });
  dependency = async () => {};
  await request(base).get('/healthz').expect(200);
});

test('readiness tells of an optional dependency that is away, and stays', async () => {
  health.addOptional('extra', async () => {
    if (extraIsAway) throw new Error('away');
  });
  extraIsAway = true;
  const answer = await request(base).get('/readyz').expect(200);
  expect(answer.body).toEqual({
    status: 'degraded',
    checks: [
      { name: 'thing', ok: true },
      { name: 'extra', ok: false, detail: 'away', optional: true },
    ],
  });
  extraIsAway = false;
  expect((await request(base).get('/readyz').expect(200)).body).toMatchObject({ status: 'ok' });
});

test('docs, the document and metrics are there', async () => {
  const page = await request(base).get('/docs/').expect(200);
  expect(page.text).not.toMatch(/(src|href)="https?:/);
  await request(base).get('/openapi.json').expect(200);
  const metrics = await request(base).get('/metrics').expect(200);
  expect(metrics.text).toContain('route="/things/:n",status="200"');
});

test('closing lets an answer under way finish and ends keep-alive connections', async () => {
  const second = await listen(
    (_req, res) => {
      setTimeout(() => res.end('done'), 50);
    },
    '127.0.0.1',
    0,
  );
  const body = new Promise<string>((resolve, reject) => {
    rawRequest({ port: second.port, headers: { connection: 'keep-alive' } }, (res) => {
      res.setEncoding('utf8').on('data', resolve);
    })
      .on('error', reject)
      .end();
  });
  await new Promise((resolve) => second.server.once('request', resolve));
  await second.close(5_000);
  expect(await body).toBe('done');
});

test('a port in use is told in words', async () => {
  await expect(listen(() => {}, '127.0.0.1', server.port)).rejects.toThrow(/is in use by another program/);
});

test.each([
  ['header over 16 KiB', `GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ['request line', 'nonsense\r\n\r\n', 400, 'malformed_request'],
  [
    'chunk',
    'POST /things/1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    400,
    'malformed_request',
  ],
])(
  'an unreadable %s is answered with a problem before the connection is closed',
  async (_, sent, status, code) => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(sent);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status, code });
  },
);

test('who asks for an upgrade and gets none is answered, and told not to go on with that connection', async () => {
  const socket = connect(server.port, '127.0.0.1');
  socket.write('GET /read HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n');
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1.1 200 /);
  expect(answer).toContain('Connection: close');
});

test('an expectation nobody knows is no reason to refuse', async () => {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(
    'GET /read HTTP/1.1\r\nHost: localhost\r\nExpect: the unexpected\r\nConnection: close\r\n\r\n',
  );
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200 /);
});

test('no precondition turns an answer into an empty one', async () => {
  const answer = await request(server.server).get('/read').set('If-None-Match', '*');
  expect(answer.status).toBe(200);
  expect(answer.body).toBe('read');
});

test('a service with a route that nobody says who may call does not start', () => {
  const forgotten = Router().get('/forgotten', (_req, res) => res.end());
  expect(() =>
    createHttpApp({
      api,
      info: { title: 'T', version: '1', description: 'D' },
      log: createLogger('test', 'silent'),
      health,
      metrics: new Metrics('test'),
      origins: { allowedOrigins: [] },
      routes: [serveApi(api, handlers, anyone), forgotten],
    }),
  ).toThrow(/^\/forgotten: who may call this/);
});

test.each(['/metrics', '/livez', '/read'])(
  '%s is answered in full, whatever a client holds',
  async (path) => {
    const answer = await fetch(`${base}${path}`, { headers: { 'if-none-match': '*' } });
    expect([answer.status, (await answer.text()).length > 0]).toEqual([200, true]);
  },
);
