import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '@cloudemy/emulator-stack';
import { startRedis } from '@cloudemy/emulator-stack/redis';
import { createLogger } from '@cloudemy/service';
import { Redis } from 'ioredis';
import { connectRedis } from './connect.js';
import { RedisUnusable, checkRedis, reconnectOnReadonly, refusalOf } from './usable.js';

let server: Awaited<ReturnType<typeof startRedis>>;
let admin: Redis;
beforeAll(async () => {
  server = await startRedis();
  admin = new Redis(server.url);
});
afterEach(async () => {
  await admin.replicaof('NO', 'ONE');
  await admin.config('SET', 'maxmemory', '0');
  await admin.call('ACL', 'SETUSER', 'poor', 'reset');
});
afterAll(async () => {
  admin.disconnect();
  await server.close();
});

async function connected(url = server.url): Promise<Redis> {
  const redis = connectRedis(url, 'test', createLogger('test', 'silent'));
  await once(redis, 'ready');
  return redis;
}

const whyOf = (redis: Redis): Promise<string> =>
  checkRedis(redis).then(
    () => 'usable',
    (error: unknown) => (error instanceof RedisUnusable ? error.message : `unknown: ${String(error)}`),
  );

test('a Redis that takes writes is usable', async () => {
  const redis = await connected();
  expect(await whyOf(redis)).toBe('usable');
  redis.disconnect();
});

test('a replica answers PING and is not usable: the sentence says what to do', async () => {
  await admin.replicaof('127.0.0.1', '1');
  const redis = await connected();
  expect(await redis.ping()).toBe('PONG');
  expect(await whyOf(redis)).toMatch(/READONLY.*lead to the new primary/);
  redis.disconnect();
});

test('a Redis whose memory is full is not usable', async () => {
  await admin.config('SET', 'maxmemory', '1');
  const redis = await connected();
  expect(await whyOf(redis)).toMatch(/OOM.*memory is full/);
  redis.disconnect();
});

test('a Redis whose access list forbids writing is not usable', async () => {
  await admin.call('ACL', 'SETUSER', 'poor', 'on', '>secret', '~*', '+@read', '+@connection', '+info');
  const redis = await connected(server.url.replace('redis://', 'redis://poor:secret@'));
  expect(await whyOf(redis)).toMatch(/NOPERM.*access list/);
  redis.disconnect();
});

test('a Redis in cluster mode is not usable, whatever else is wrong with it', async () => {
  // The default port of its bus is 10,000 above its own, and there may be none.
  const bus = String(await freePort());
  const cluster = await startRedis({ settings: { 'cluster-enabled': 'yes', 'cluster-port': bus } });
  const redis = await connected(cluster.url);
  expect(await whyOf(redis)).toMatch(/cluster mode.*single primary/);
  redis.disconnect();
  await cluster.close();
});

test('a connection to a primary that was demoted is dropped, and the next one works', async () => {
  const other = await startRedis();
  const target = { port: server.port };
  const relay = createServer((client) => {
    const upstream = connect(target.port, '127.0.0.1');
    client.pipe(upstream).pipe(client);
    for (const side of [client, upstream]) {
      side.on('error', () => {}).on('close', () => [client, upstream].forEach((one) => one.destroy()));
    }
  });
  await once(relay.listen(0, '127.0.0.1'), 'listening');
  const address = relay.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const redis = await connected(`redis://127.0.0.1:${port}`);
  target.port = other.port;
  await admin.replicaof('127.0.0.1', '1');
  const again = once(redis, 'ready');
  expect(await whyOf(redis)).toMatch(/READONLY/);
  await again;
  expect(await whyOf(redis)).toBe('usable');
  redis.disconnect();
  relay.close();
  await other.close();
});

test('refusals about Redis as a whole are told from errors of a command, and from outages', () => {
  expect(refusalOf(new Error("CROSSSLOT Keys in request don't hash to the same slot"))?.message).toMatch(
    'cluster mode',
  );
  expect(refusalOf(new Error('MISCONF Redis is configured to save RDB snapshots'))?.message).toMatch('disk');
  expect(refusalOf(new Error('WRONGTYPE Operation against a key'))).toBeUndefined();
  expect(refusalOf(new Error('Connection is closed.'))).toBeUndefined();
});

test('a connection that is told READONLY again and again is not dropped each time', () => {
  const drops = reconnectOnReadonly();
  const told = new Error("READONLY You can't write against a read only replica.");
  expect([drops(new Error('ERR unknown command')), drops(told), drops(told)]).toEqual([false, true, false]);
});
