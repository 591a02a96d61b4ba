import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openTracer } from './open-tracer.js';
import { inSpan, silentTracer } from './tracer.js';

interface Received {
  url: string | undefined;
  key: unknown;
  body: { resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[] };
}

let collector: Server;
let endpoint: string;
let received: Received[];
let status: number;
beforeEach(async () => {
  received = [];
  status = 200;
  collector = createServer((request, response) => {
    void json(request).then((body) => {
      received.push({ url: request.url, key: request.headers['x-key'], body: body as Received['body'] });
      response.writeHead(status).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const address = collector.address();
  endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterEach(() => {
  collector.close();
  collector.closeAllConnections();
});

const spans = () => received.flatMap(({ body }) => body.resourceSpans[0]?.scopeSpans[0]?.spans ?? []);
const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

test('without an endpoint nothing is traced, and the trace of the caller goes on', () => {
  const span = silentTracer.start('work', { parent });
  expect(span.traceparent).toBe(parent);
  expect(silentTracer.start('work').traceparent).toBeUndefined();
});

test('spans arrive below the one that asked for them, with what they were about', async () => {
  const tracer = await openTracer({ service: 'test', endpoint: `${endpoint}/`, headers: 'x-key=a%20b' });
  await inSpan(
    tracer,
    'outer',
    { parent, kind: 'server', attributes: { n: 1, x: 0.5, s: 'a', b: true } },
    (outer) =>
      inSpan(tracer, 'inner', { parent: outer.traceparent }, () => Promise.reject(new Error('broken'))).catch(
        () => {},
      ),
  );
  await tracer.flush();
  expect(received[0]).toMatchObject({ url: '/v1/traces', key: 'a b' });
  const [inner, outer] = spans();
  expect(outer).toMatchObject({
    traceId: 'a'.repeat(32),
    parentSpanId: 'b'.repeat(16),
    kind: 2,
    attributes: [
      { key: 'n', value: { intValue: '1' } },
      { key: 'x', value: { doubleValue: 0.5 } },
      { key: 's', value: { stringValue: 'a' } },
      { key: 'b', value: { boolValue: true } },
    ],
    status: {},
  });
  expect(inner).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: outer?.['spanId'] });
  expect(inner).toMatchObject({ status: { code: 2, message: 'broken' } });
  expect(BigInt(String(outer?.['endTimeUnixNano']))).toBeGreaterThanOrEqual(
    BigInt(String(outer?.['startTimeUnixNano'])),
  );
});

test('a trace that its beginner does not record is handed on and not recorded', async () => {
  const tracer = await openTracer({ service: 'test', endpoint });
  const span = tracer.start('work', { parent: parent.replace(/01$/, '00') });
  span.end();
  await tracer.flush();
  expect(span.traceparent).toMatch(/^00-a{32}-[0-9a-f]{16}-00$/);
  expect(received).toEqual([]);
});

test.each(['nonsense', `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`, undefined])(
  '%s begins a new trace',
  async (bad) => {
    const tracer = await openTracer({ service: 'test', endpoint });
    expect(tracer.start('work', { parent: bad }).traceparent).toMatch(
      /^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/,
    );
  },
);

test('a collector that is away is told of once, and gets the spans when it is back', async () => {
  const losses: unknown[] = [];
  const tracer = await openTracer({ service: 'test', endpoint, onLost: (error) => losses.push(error) });
  status = 503;
  tracer.start('one').end();
  await tracer.flush();
  tracer.start('two').end();
  await tracer.flush();
  expect(losses).toHaveLength(1);
  status = 200;
  received = [];
  await tracer.flush();
  expect(spans().map(({ name }) => name)).toEqual(['one', 'two']);
});
