import { type Server, type Socket, connect, createServer } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Link } from './link.js';

/** Says its name to everyone, and back what it is told. */
async function echo(name: string): Promise<{ port: number; server: Server }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(name);
    socket.pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

let link: Link;
let one: Awaited<ReturnType<typeof echo>>;
let two: Awaited<ReturnType<typeof echo>>;
beforeEach(async () => {
  link = await Link.open('127.0.0.1');
  [one, two] = await Promise.all([echo('one'), echo('two')]);
  link.route('one', one.port, once(one.server, 'close'));
  link.route('two', two.port, new Promise(() => {}));
});
afterEach(async () => {
  await link.close();
  one.server.close();
  two.server.close();
});

function dial(): Socket {
  const socket = connect(link.port, '127.0.0.1');
  socket.on('error', () => {});
  return socket.setEncoding('utf8');
}

async function said(socket: Socket): Promise<string> {
  const [words] = await once(socket, 'data');
  return String(words);
}

test('connections go to the servers in turn', async () => {
  const words = [await said(dial()), await said(dial()), await said(dial())];
  expect(words.toSorted()).not.toEqual([words[0], words[0], words[0]]);
  expect(words[0]).toBe(words[2]);
});

test('a server that refuses is passed over', async () => {
  one.server.close();
  expect([await said(dial()), await said(dial())]).toEqual(['two', 'two']);
});

test('a side that has said all still gets its answer', async () => {
  const socket = dial();
  socket.end('bye');
  expect(await text(socket)).toMatch(/bye$/);
});

test('a cut ends connections and refuses others, until it is mended', async () => {
  const socket = dial();
  await said(socket);
  link.cut();
  await once(socket, 'close');
  await once(dial(), 'close');
  link.restore();
  expect(await said(dial())).toMatch(/one|two/);
});

test('silence keeps connections and loses nothing', async () => {
  const socket = dial();
  await said(socket);
  link.silence();
  const heard: string[] = [];
  socket.on('data', (words) => heard.push(String(words)));
  socket.write('hello');
  const late = dial();
  await wait(100);
  expect([heard, socket.destroyed, late.destroyed]).toEqual([[], false, false]);
  link.restore();
  await said(late);
  while (heard.length === 0) await once(socket, 'data');
  expect(heard.join('')).toBe('hello');
});
