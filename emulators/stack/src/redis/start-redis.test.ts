import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { startRedis } from './start-redis.js';

test('starts, keeps its data in a folder, and is gone when closed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'redis-test-'));
  const first = await startRedis({ folder });
  const client = new Redis(first.url);
  await client.set('kept', 'yes');
  expect(await client.config('GET', 'maxmemory-policy')).toContainEqual(
    expect.stringContaining('noeviction'),
  );
  await client.quit();
  await first.close();
  expect(await first.process.exited).toBe(0);

  const second = await startRedis({ folder });
  const again = new Redis(second.url);
  expect(await again.get('kept')).toBe('yes');
  await again.quit();
  await second.close();
  await rm(folder, { recursive: true });
});

test('a port in use ends in an error that says so', async () => {
  const first = await startRedis();
  await expect(startRedis({ port: first.port })).rejects.toThrow(`Port ${first.port} is in use`);
  await first.close();
});

test('one that can be reached from elsewhere has a password', async () => {
  const redis = await startRedis({ everywhere: true });
  const stranger = new Redis(`redis://127.0.0.1:${redis.port}`, { enableReadyCheck: false });
  stranger.on('error', () => {
    // The refusal under test; get() rejects with it too.
  });
  await expect(stranger.get('x')).rejects.toThrow(/NOAUTH/);
  stranger.disconnect();
  const friend = new Redis(redis.url);
  expect(await friend.ping()).toBe('PONG');
  await friend.quit();
  await redis.close();
});
