// Against a real Redis: what the manifests' users may do, and what a runner that was taken over may not.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCacheFolder, findRedisServer, freePort } from '@cloudemy/emulator-stack';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { redisSecrets } from './internal.js';
import { secretOf, valuesOf } from './secret.js';

const internal = secretOf('cloudemy', 'cloudemy-internal', {
  'redis-password': 's-now',
  'redis-deployer-password': 'd-now',
  'redis-runner-password': 'r-now',
  'redis-runner-password-previous': 'r-before',
});
let folder: string;
let server: ChildProcess;
let port: number;
const open: Redis[] = [];

function connect(username: string | undefined, password: string | undefined): Redis {
  const redis = new Redis({
    port,
    maxRetriesPerRequest: null,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });
  redis.on('error', () => {
    // Told by the command.
  });
  open.push(redis);
  return redis;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudemy-redis-users-'));
  const file = join(folder, 'users.acl');
  await writeFile(file, valuesOf(redisSecrets(internal)[0])['users.acl'] ?? '');
  port = await freePort();
  const { program, env } = await findRedisServer(defaultCacheFolder());
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  server = spawn(program, [...args, '--aclfile', file, '--maxmemory-policy', 'noeviction'], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  await connect('services', 's-now').ping();
});
afterAll(async () => {
  for (const redis of open) redis.disconnect();
  const ended = once(server, 'exit');
  server.kill();
  await ended;
  await rm(folder, { recursive: true, force: true });
});

/** One command over a connection of its own, as the runner does it: without asking who the server is. */
async function asked(user: string, password: string, ...command: [string, ...string[]]): Promise<unknown> {
  const redis = new Redis({
    port,
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    username: user,
    password,
  });
  redis.on('error', () => {
    // Told by the command.
  });
  open.push(redis);
  const [name, ...args] = command;
  return redis.call(name, ...args);
}

test('services queue and take messages with BullMQ, and publish and subscribe', async () => {
  const prefix = 'queue';
  const queue = new Queue('submissions', { connection: connect('services', 's-now'), prefix });
  const done = Promise.withResolvers<unknown>();
  const worker = new Worker('submissions', async ({ data }) => done.resolve(data), {
    connection: connect('services', 's-now'),
    prefix,
  });
  await queue.add('grade', { submission_id: 'x' });
  expect(await done.promise).toEqual({ submission_id: 'x' });
  await worker.close();
  await queue.close();
  const subscriber = connect('services', 's-now');
  await subscriber.subscribe('cloudemy:submissions');
  const heard = once(subscriber, 'message');
  await connect('services', 's-now').publish('cloudemy:submissions', 'hint');
  expect(await heard).toEqual(['cloudemy:submissions', 'hint']);
});

test('a runner reads a record that it knows the name of, with the password before the rotation too', async () => {
  await connect('services', 's-now').set('submission:1', 'record');
  expect(await asked('runner', 'r-now', 'GET', 'submission:1')).toBe('record');
  expect(await asked('runner', 'r-before', 'GET', 'submission:1')).toBe('record');
});

test.each([
  ['SCAN', '0'],
  ['KEYS', '*'],
  ['SET', 'submission:1', 'another'],
  ['DEL', 'limit:login'],
  ['GET', 'queue:submissions:meta'],
  ['HSET', 'queue:submissions:meta', 'paused', '1'],
  ['PUBLISH', 'cloudemy:submissions', '{}'],
  ['EVAL', 'return 1', '0'],
  ['CONFIG', 'SET', 'maxmemory', '1'],
  ['FLUSHALL'],
  ['ACL', 'LIST'],
  ['SHUTDOWN'],
] as [string, ...string[]][])('a runner that was taken over may not %s %s', async (...command) => {
  await expect(asked('runner', 'r-now', ...command)).rejects.toThrow(/NOPERM/);
});

test.each([['GET', 'submission:1'], ['PUBLISH', 'cloudemy:submissions', '{}'], ['FLUSHALL']] as [
  string,
  ...string[],
][])('the deployer counts requests and may not %s', async (...command) => {
  expect(await asked('deployer', 'd-now', 'INCR', 'limit:deployer:user:1')).toBe(1);
  await connect('services', 's-now').del('limit:deployer:user:1');
  await expect(asked('deployer', 'd-now', ...command)).rejects.toThrow(/NOPERM/);
});

test('who names no user does nothing, and a probe asks whether it answers and no more', async () => {
  const nobody = new Redis({ port, lazyConnect: true, enableReadyCheck: false, disableClientInfo: true });
  nobody.on('error', () => {
    // Told by the command.
  });
  open.push(nobody);
  await expect(nobody.call('GET', 'submission:1')).rejects.toThrow(/NOAUTH/);
  expect(await asked('probe', 'probe', 'PING')).toBe('PONG');
  await expect(asked('probe', 'probe', 'GET', 'submission:1')).rejects.toThrow(/NOPERM/);
});
