import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { inSpan } from '@cloudemy/tracing';
import { openTracer } from './open-tracer.js';

type Sent = { resourceSpans: { resource: object; scopeSpans: { spans: Record<string, unknown>[] }[] }[] };

let collector: Server;
let endpoint: string;
let received: { url: string | undefined; key: unknown; sent: Sent }[];
let status: number;
beforeEach(async () => {
  received = [];
  status = 200;
  collector = createServer((request, response) => {
    void json(request).then((body) => {
      received.push({ url: request.url, key: request.headers['x-key'], sent: body as Sent });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
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

const spans = () => received.flatMap(({ sent }) => sent.resourceSpans[0]?.scopeSpans[0]?.spans ?? []);
const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

test('spans of a service arrive below the one that asked for them, with what they were about', async () => {
  const tracer = await openTracer({ service: 'test', endpoint: `${endpoint}/`, headers: 'x-key=a%20b' });
  await inSpan(tracer, 'outer', { parent, kind: 'server', attributes: { n: 1, s: 'a' } }, (outer) =>
    inSpan(tracer, 'inner', { parent: outer.traceparent }, () => Promise.reject(new Error('broken'))).catch(
      () => {},
    ),
  );
  await tracer.flush();
  expect(received[0]).toMatchObject({ url: '/v1/traces', key: 'a b' });
  expect(received[0]?.sent.resourceSpans[0]?.resource).toMatchObject({
    attributes: [{ key: 'service.name', value: { stringValue: 'test' } }],
  });
  const byName = new Map(spans().map((span) => [span['name'], span]));
  expect(byName.get('outer')).toMatchObject({
    traceId: 'a'.repeat(32),
    parentSpanId: 'b'.repeat(16),
    kind: 2,
    attributes: [
      { key: 'n', value: { intValue: 1 } },
      { key: 's', value: { stringValue: 'a' } },
    ],
  });
  expect(byName.get('inner')).toMatchObject({
    traceId: 'a'.repeat(32),
    parentSpanId: byName.get('outer')?.['spanId'],
    status: { code: 2, message: 'broken' },
  });
});

test('a trace of which its beginner records nothing is handed on by a service, and sent nowhere', async () => {
  const tracer = await openTracer({ service: 'test', endpoint });
  const span = tracer.start('work', { parent: parent.replace(/01$/, '00') });
  span.end();
  await tracer.flush();
  expect(span.traceparent).toMatch(/^00-a{32}-[0-9a-f]{16}-00$/);
  expect(received).toEqual([]);
});

test.each(['nonsense', `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`, undefined])(
  'a service that is handed %s as a trace begins a new one',
  async (bad) => {
    const tracer = await openTracer({ service: 'test', endpoint });
    expect(tracer.start('work', { parent: bad }).traceparent).toMatch(
      /^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/,
    );
  },
);

test('a collector that refuses is told of once, and gets later spans when it takes them again', async () => {
  const losses: unknown[] = [];
  const tracer = await openTracer({ service: 'test', endpoint, onLost: (error) => losses.push(error) });
  status = 400;
  for (const name of ['one', 'two']) {
    tracer.start(name).end();
    await tracer.flush();
  }
  expect(losses).toHaveLength(1);
  status = 200;
  received = [];
  tracer.start('three').end();
  await tracer.flush();
  expect(spans().map(({ name }) => name)).toEqual(['three']);
});

test('a service without an endpoint traces nothing and hands on what it was given', async () => {
  const tracer = await openTracer({ service: 'test', endpoint: undefined });
  expect(tracer.start('work', { parent }).traceparent).toBe(parent);
});
