import { gzipSync } from 'node:zlib';
import { hostileString, hostileValue, toJson } from '../values/hostile.js';
import type { Random } from '../values/random.js';
import type { FuzzRequest } from './request.js';

type Twist = (request: FuzzRequest, random: Random) => Partial<FuzzRequest>;

const MiB = 1_024 * 1_024;

const header =
  (name: string, values: readonly (string | string[])[]): Twist =>
  ({ headers }, random) => ({ headers: { ...headers, [name]: random.pick(values) } });

const inPath =
  (change: (path: string, random: Random) => string): Twist =>
  ({ path }, random) => ({ path: change(path, random) });

const inBody =
  (make: (body: Buffer, random: Random) => Buffer): Twist =>
  ({ body = Buffer.from('{}'), headers }, random) => ({
    body: make(body, random),
    headers: { 'content-type': 'application/json', ...headers },
  });

/** Ways to leave what the document says while still speaking HTTP. */
const twists: readonly Twist[] = [
  // The method.
  (_request, random) => ({
    method: random.pick([
      'GET',
      'HEAD',
      'PUT',
      'POST',
      'PATCH',
      'DELETE',
      'OPTIONS',
      'TRACE',
      'PROPFIND',
      'QUERY',
    ]),
  }),
  // The path.
  inPath((path) => path.replace('/', '//')),
  inPath((path) => `${path.split('?', 1).join('')}/`),
  inPath((path) => `/..${path}`),
  inPath((path) => path.replace(/\/[^/]*$/, '/%2e%2e%2f%2e%2e%2fetc%2fpasswd')),
  inPath((path) => path.replace(/[^/]*$/, '%00')),
  inPath((path) => path.replace(/[^/]*$/, '%ff%fe')),
  inPath((path) => path.replace(/[^/]*$/, '%E0%A4%A')),
  inPath((path) => path.toUpperCase()),
  inPath((path) => path.replace(/[^/]*$/, encodeURIComponent('Ａ😀'))),
  inPath((path) => `${path}/${'a/'.repeat(2_000)}`),
  inPath((path) => `http://evil.example${path}`),
  inPath((path, random) =>
    path.replace(/[^/]*$/, encodeURIComponent(hostileString(random).toWellFormed()).slice(0, 8_000)),
  ),
  // The query.
  inPath((path) => `${path}${path.includes('?') ? '&' : '?'}limit=1&limit=2`),
  inPath((path) => `${path}?cursor=${'A'.repeat(400)}`),
  inPath((path) => `${path}?cursor=eyJpZCI6eyIkZ3QiOiIifX0`),
  inPath((path) => `${path}?__proto__[a]=1&constructor=1&limit[$gt]=1`),
  inPath((path) => `${path}?%`),
  inPath((path) => `${path}?${'a=1&'.repeat(2_000)}`),
  // Headers.
  header('content-type', [
    'text/plain',
    'application/xml',
    'application/json; charset=utf-16',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    ';;;',
    'application/json;charset=%00',
  ]),
  header('content-encoding', ['gzip', 'br', 'deflate', 'zstd', 'nonsense', 'gzip, gzip']),
  header('accept', ['image/png', 'text/html', 'application/json;q=0', '*/*;q=nonsense', 'a'.repeat(4_000)]),
  header('authorization', [
    'Bearer',
    'Bearer ',
    'Bearer null',
    'Basic Og==',
    `Bearer ${'a.'.repeat(3_000)}`,
    'Bearer eyJhbGciOiJub25lIn0.e30.',
  ]),
  header('origin', ['http://evil.example', 'null', 'nonsense', 'http://localhost:3000']),
  header('host', ['evil.example', '[::1', '', '127.0.0.1:99999', 'a'.repeat(300)]),
  header('if-none-match', ['*', '"a"']),
  header('range', ['bytes=0-0', 'bytes=-1', 'lines=1']),
  header('expect', ['100-continue', 'nonsense']),
  header('last-event-id', ['-1', '0', '999999999999', 'A'.repeat(9_000), 'eyJ9', '../..']),
  header('idempotency-key', ['a'.repeat(201), '\u00ff', ' ', '$gt', '__proto__']),
  header('x-request-id', ['a'.repeat(1_000), '<script>', '\u00ff']),
  header('traceparent', ['nonsense', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`, 'ff-ff']),
  header('x-forwarded-for', ['127.0.0.1', 'nonsense', '::ffff:1.2.3.4, '.repeat(200)]),
  header('x-forwarded-host', ['evil.example', '[::1']),
  header('cookie', ['a=b; '.repeat(1_000), '=']),
  header('upgrade', ['websocket', 'h2c', 'nonsense']),
  ({ headers }) => ({
    headers: {
      ...headers,
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'x',
      'sec-websocket-version': '99',
    },
  }),
  ({ headers }) => ({ headers: { ...headers, 'x-a': Array.from({ length: 150 }, () => 'many') } }),
  ({ headers }) => ({ headers: { ...headers, 'x-large': 'a'.repeat(20_000) } }),
  // The body.
  inBody((body) => body.subarray(0, Math.floor(body.length / 2))),
  inBody((body) => Buffer.concat([body, Buffer.from('}')])),
  inBody((body) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body])),
  inBody(() => Buffer.from([0xff, 0xfe, 0x00, 0x7b])),
  inBody(() => Buffer.from('{"a":"\u00ff"}', 'latin1')),
  inBody(() => Buffer.alloc(0)),
  inBody((_body, random) => Buffer.from(toJson(hostileValue(random)))),
  inBody(() => Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)),
  inBody((_body, random) => Buffer.from(JSON.stringify({ code: 'x'.repeat(random.whole(1, 4) * MiB) }))),
  inBody(() =>
    Buffer.from(
      JSON.stringify({
        yaml_content: `a: &a [x,x]\n${'b: [*a,*a,*a]\n'.repeat(2_000)}`,
        namespace: 'default',
      }),
    ),
  ),
  ({ headers }) => ({
    body: gzipSync(Buffer.alloc(20 * MiB, 0x20)),
    headers: { ...headers, 'content-type': 'application/json', 'content-encoding': 'gzip' },
  }),
];

/** The request with one or two things about it that no document allows. */
export function twist(request: FuzzRequest, random: Random): FuzzRequest {
  const once = { ...request, ...random.pick(twists)(request, random) };
  return random.chance(0.25) ? { ...once, ...random.pick(twists)(once, random) } : once;
}
