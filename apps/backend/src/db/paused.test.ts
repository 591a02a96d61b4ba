import { until } from '@cloudemy/testing';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRedis } from '@cloudemy/emulator-stack/redis';
import { Redis } from 'ioredis';
import { createAssignment, read, submit } from '../testing/grading.js';
import { type Replica, backendEnv, startReplica } from '../testing/harness.js';

const program = fileURLToPath(new URL('../../../../emulators/mongo/dist/main.js', import.meta.url));

let mongo: ChildProcess;
let uri: string;
let redis: Awaited<ReturnType<typeof startRedis>>;
let redisPid: number;
let backend: Replica;
beforeAll(async () => {
  mongo = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'ignore'] });
  if (mongo.stdout === null) throw new Error('no output');
  const [line] = await once(createInterface({ input: mongo.stdout }), 'line');
  ({ uri } = JSON.parse(String(line)) as { uri: string });
  redis = await startRedis();
  const client = new Redis(redis.url);
  redisPid = Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]);
  client.disconnect();
  backend = await startReplica(backendEnv(uri, redis.url));
});
afterAll(async () => {
  await backend.stop();
  mongo.kill();
  await redis.close();
});

const failing = async (): Promise<string[]> => {
  const answer = await fetch(`${backend.base}/readyz`);
  const { checks } = (await answer.json()) as { checks: { name: string; ok: boolean }[] };
  return checks.filter(({ ok }) => !ok).map(({ name }) => name);
};

/** A connection that fell silent may be answered for with 503 for a moment longer. */
const untilRead = ({ submission_id }: { submission_id: string }): Promise<true> =>
  until(async () => {
    return (await backend.fetch(`/submissions/${submission_id}`)).status === 200;
  });

test('a Redis that stands still delays nobody, and gets everything when it goes on', async () => {
  const assignment = await createAssignment(backend);
  process.kill(redisPid, 'SIGSTOP');
  const submissions = await Promise.all([1, 2, 3].map(() => submit(backend, assignment)));
  for (const one of submissions) {
    await expect(read(backend, one)).resolves.toMatchObject({ status: 'queued', queue: null });
  }
  await expect(failing()).resolves.toEqual(['redis']);
  process.kill(redisPid, 'SIGCONT');
  for (const one of submissions) {
    await until(async () => (await read(backend, one)).queue !== null);
  }
  await expect(failing()).resolves.toEqual([]);
});

test('a MongoDB that stands still is answered for with 503, and served from again when it goes on', async () => {
  const assignment = await createAssignment(backend);
  const submission = await submit(backend, assignment);
  mongo.kill('SIGSTOP');
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const body = JSON.stringify({ assignment_id: assignment.assignment_id, code: 'x' });
  const answers = await Promise.all([
    backend.fetch('/submissions', { ...post, body }),
    backend.fetch(`/submissions/${submission.submission_id}`),
    backend.fetch('/assignments'),
  ]);
  for (const answer of answers) {
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  await expect(failing()).resolves.toEqual(['mongodb']);
  mongo.kill('SIGCONT');
  await untilRead(submission);
  await until(async () => (await read(backend, submission)).queue !== null);
});

test('told to end while both stand still, it ends well, and another replica goes on with what was acknowledged', async () => {
  const first = await startReplica(backendEnv(uri, redis.url));
  const assignment = await createAssignment(first);
  process.kill(redisPid, 'SIGSTOP');
  const submissions = await Promise.all([1, 2, 3].map(() => submit(first, assignment)));
  mongo.kill('SIGSTOP');
  expect(await first.stop()).toBe(true);
  process.kill(redisPid, 'SIGCONT');
  mongo.kill('SIGCONT');
  for (const one of submissions) {
    await untilRead(one);
    await until(async () => (await read(backend, one)).queue !== null);
  }
}, 60_000);
