import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runnerRecordKey } from '@cloudemy/contracts';
import { type StartedRedis, startRedis } from '@cloudemy/emulator-stack';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { readRedis } from './redis.js';
import { decodeReplies, encodeCommand } from './resp.js';

const id = '66f0c0ffee00000000000001';
const long = 'ü€😀'.repeat(50_000);

describe('a real Redis behind a password', () => {
  let redis: StartedRedis;
  beforeAll(async () => {
    redis = await startRedis({ everywhere: true });
    const store = new Redis(redis.url, { db: 3 });
    await store.set(runnerRecordKey(id), long);
    await store.quit();
  });
  afterAll(async () => {
    await redis.close();
  });

  test('gives the text of the record, however long, from the database of the URL', async () => {
    const url = new URL(redis.url);
    url.pathname = '/3';
    expect(await readRedis(url.href, id)).toBe(long);
    expect(await readRedis(redis.url, id)).toBeNull();
  });

  test('refuses in words', async () => {
    const url = new URL(redis.url);
    url.password = 'wrong';
    await expect(readRedis(url.href, id)).rejects.toThrow(/^Redis refused: /);
  });
});

test('something else at the address, nothing there, or silence is an error', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  await expect(readRedis(`redis://127.0.0.1:${port}`, id)).rejects.toThrow('not Redis');
  server.close();
  await expect(readRedis('redis://127.0.0.1:1', id)).rejects.toThrow('ECONNREFUSED');
  await expect(readRedis('http://127.0.0.1:1', id)).rejects.toThrow('neither redis:// nor rediss://');
});

test('replies are read whole, wherever the bytes are cut', () => {
  const bytes = Buffer.from('+OK\r\n$6\r\na\r\nbü\r\n$-1\r\n-ERR no\r\n');
  const all = decodeReplies(bytes);
  expect(all).toEqual([{ text: 'OK' }, { text: 'a\r\nbü' }, { nothing: true }, { error: 'ERR no' }]);
  fc.assert(
    fc.property(fc.nat(bytes.length), (cut) => {
      const some = decodeReplies(bytes.subarray(0, cut));
      expect(all.slice(0, some.length)).toEqual(some);
    }),
  );
  expect(encodeCommand(['GET', 'ü'])).toBe('*2\r\n$3\r\nGET\r\n$2\r\nü\r\n');
});
