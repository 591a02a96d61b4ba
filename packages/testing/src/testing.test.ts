import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterAll, describe, expect, test } from '@jest/globals';
import { TcpRelay, freePort, portOf, readEvents, until } from './index.js';

const server = createServer((_req, res) => res.end('answer')).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${portOf(server)}`;
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

test('until waits for what does not hold yet, and passes on what its condition throws', async () => {
  let looks = 0;
  await until(() => (looks += 1) > 2);
  expect(looks).toBe(3);
  await expect(until(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('freePort names a port that can be listened on', async () => {
  const port = await freePort();
  const own = createServer().listen(port, '127.0.0.1');
  await once(own, 'listening');
  expect(portOf(own)).toBe(port);
  own.close();
});

describe('TcpRelay', () => {
  test('passes on, counts the bytes of answers, refuses while cut and passes on again', async () => {
    const relay = await TcpRelay.before(url);
    const ask = async () => (await fetch(relay.url, { headers: { connection: 'close' } })).text();
    await expect(ask()).resolves.toBe('answer');
    expect(relay.passed).toBeGreaterThan('answer'.length);
    relay.cut();
    await expect(ask()).rejects.toThrow('fetch failed');
    relay.restore();
    await expect(ask()).resolves.toBe('answer');
    await relay.close();
  });

  test('lets nothing through while silenced, and ends what was silenced when restored', async () => {
    const relay = await TcpRelay.before(url);
    const socket = connect(Number(new URL(relay.url).port), '127.0.0.1').setEncoding('utf8');
    socket.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n');
    await once(socket, 'data');
    const before = relay.passed;
    relay.silence();
    socket.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n');
    relay.restore();
    await new Promise((resolve) => socket.on('error', () => {}).on('close', resolve));
    expect(relay.passed).toBe(before);
    await relay.close();
  });
});

test('readEvents gives events whole, however the stream was cut, and leaves comments out', async () => {
  const bytes = new TextEncoder().encode(': hello\n\nid: 1\nevent: log\ndata: né\ndata: b\n\ndata: c\n\n');
  const cut = ReadableStream.from([...bytes].map((byte) => Uint8Array.of(byte)));
  const events = [];
  for await (const event of readEvents(cut)) events.push(event);
  expect(events).toEqual([
    { id: '1', event: 'log', data: 'né\nb' },
    { id: undefined, event: undefined, data: 'c' },
  ]);
  await expect(readEvents(null).next()).resolves.toMatchObject({ done: true });
});
