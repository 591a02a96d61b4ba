import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findUnbounded } from './bounds/bounds.js';
import { fuzz } from './fuzz.js';
import { fuzzStack } from './fuzz-stack.js';
import { UsageError, parseOptions } from './options.js';

test.each([
  { auth: 'off', requests: 200, reached: { backend: 8, deployer: 4 } },
  // Much of it is refused, as it must be.
  { auth: 'jwt', requests: 300, reached: { backend: 8, deployer: 4 } },
] as const)(
  'backend and deployer answer whatever comes as their documents and the table say, with AUTH_MODE=$auth',
  async ({ reached, ...run }) => {
    const { backend, deployer } = await fuzzStack({ ...run, seed: 20_261_124 });
    expect({ backend: backend.findings, deployer: deployer.findings }).toEqual({ backend: [], deployer: [] });
    // What was refused altogether would prove nothing.
    expect(backend.statuses).toMatchObject({ 200: expect.any(Number), 422: expect.any(Number) });
    expect(deployer.statuses).toMatchObject({ 200: expect.any(Number), 422: expect.any(Number) });
    expect(backend.operations - backend.never_accepted.length).toBeGreaterThan(reached.backend);
    expect(deployer.operations - deployer.never_accepted.length).toBeGreaterThan(reached.deployer);
  },
  300_000,
);

/** A service with one operation, whose answer is to be found fault with. */
const document = {
  openapi: '3.1.0',
  paths: {
    '/things': {
      get: {
        operationId: 'listThings',
        security: [{}, { user: [] }],
        responses: {
          200: {
            content: { 'application/json': { schema: { type: 'array', items: { type: 'integer' } } } },
          },
        },
      },
    },
  },
  components: { schemas: { Problem: { type: 'object', required: ['code'] } } },
};

let things: { status: number; type: string; body: string };
const server = createServer((request, response) => {
  const { status, type, body } =
    request.url === '/openapi.json'
      ? { status: 200, type: 'application/json', body: JSON.stringify(document) }
      : request.url === '/readyz'
        ? { status: 200, type: 'application/json', body: '{"status":"ok"}' }
        : things;
  request.resume();
  response.writeHead(status, { 'content-type': type }).end(body);
}).listen(0, '127.0.0.1');
beforeAll(async () => {
  if (!server.listening) await once(server, 'listening');
});
afterAll(() => {
  server.close();
});

test.each([
  ['a server error', { status: 500, type: 'application/json', body: '[]' }, 'answered 500'],
  ['a status that is not documented', { status: 418, type: 'application/json', body: '[]' }, '418, which'],
  ['another media type', { status: 200, type: 'text/html', body: '[]' }, 'as text/html'],
  ['another shape', { status: 200, type: 'application/json', body: '["a"]' }, 'must be integer'],
  ['no JSON', { status: 200, type: 'application/json', body: '[' }, 'not JSON'],
  ['503 without reason', { status: 503, type: 'application/json', body: '{}' }, '503 without Retry-After'],
])('%s is found', async (_, answer, fault) => {
  things = answer;
  const { port } = server.address() as AddressInfo;
  const { findings } = await fuzz({
    baseUrl: `http://127.0.0.1:${port}`,
    requests: 20,
    seed: 1,
    credentials: {},
    people: [],
    access: {},
    given: {},
  });
  expect(findings.map((finding) => finding.fault).join('\n')).toContain(fault);
});

const ada = { name: 'ada', token: 'a', userId: '1', roles: ['student'] } as const;
const bob = { name: 'bob', token: 'b', userId: '2', roles: ['instructor'] } as const;

test.each([
  ['what the table does not give', [bob], [], 'to bob, who may not'],
  ['what the table gives to those who sign in', [{ ...bob, roles: [] }], [], 'to bob, who may not'],
  ['what belongs to another', [ada], [{ owner: '1' }, { owner: '2' }], 'belongs to another'],
])('%s is found', async (_, people, body, fault) => {
  things = { status: 200, type: 'application/json', body: JSON.stringify(body) };
  const { port } = server.address() as AddressInfo;
  const { findings } = await fuzz({
    baseUrl: `http://127.0.0.1:${port}`,
    requests: 40,
    seed: 1,
    credentials: {},
    people,
    access: { listThings: { who: 'users', key: 'any', may: { student: ['own'] } } },
    given: {},
  });
  expect(findings.map((finding) => finding.fault).join('\n')).toContain(fault);
});

test.each([
  ['a problem that grows with the request', { size: 100_000, turn: 0 }, 'a problem of 1000'],
  ['a turn of the event loop that is too long', { size: 10, turn: 0.5 }, 'kept the event loop for 0.50 s'],
  ['nothing where the bounds are kept', { size: 10, turn: 0.1 }, ''],
])('%s is found', async (_, { size, turn }, fault) => {
  const taking = {
    operationId: 'put',
    responses: {},
    requestBody: { required: true, content: { 'application/json': { schema: {} } } },
  };
  const answers: Record<string, [string, string]> = {
    '/openapi.json': [
      'application/json',
      JSON.stringify({ ...document, paths: { '/things': { post: taking } } }),
    ],
    '/metrics': [
      'text/plain',
      `event_loop_turn_cpu_seconds_max{a="b"} ${turn}\nprocess_resident_memory_bytes 1\n`,
    ],
  };
  const service = createServer((request, response) => {
    const [type, body] = answers[request.url ?? ''] ?? ['application/problem+json', 'x'.repeat(size)];
    request.resume().once('end', () => response.writeHead(200, { 'content-type': type }).end(body));
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  try {
    const { port } = service.address() as AddressInfo;
    const baseUrl = `http://127.0.0.1:${port}`;
    const findings = await findUnbounded({ baseUrl, credentials: {}, people: [], access: {} });
    const said = findings.map((finding) => finding.fault).join('\n');
    expect(fault === '' ? said === '' : said.includes(fault)).toBe(true);
  } finally {
    service.closeAllConnections();
    service.close();
  }
});

test('the command line names a number of requests and a seed, and nothing else', () => {
  expect(parseOptions(['--', '--requests', '5', '--seed', '7', '--auth', 'jwt'])).toEqual({
    modes: ['jwt'],
    requests: 5,
    seed: 7,
  });
  expect(parseOptions([])).toMatchObject({ modes: ['off', 'jwt'], requests: 10_000 });
  for (const wrong of [['--requests', '0'], ['--seed', 'x'], ['--fast'], ['300'], ['--auth', 'none']]) {
    expect(() => parseOptions(wrong)).toThrow(UsageError);
  }
});
