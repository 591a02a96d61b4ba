import { until } from '@cloudemy/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalMongo } from '@cloudemy/emulator-mongo';
import { type StartedRedis, startRedis } from '@cloudemy/emulator-stack/redis';
import { Lifecycle, createLogger } from '@cloudemy/service';
import { startBackend } from '../backend.js';
import { readConfig } from '../config.js';
import { createAssignment, submit } from '../testing/grading.js';
import { backendEnv, replicaAt, startReplica } from '../testing/harness.js';

let redis: StartedRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

test('while MongoDB is gone answers 503 with Retry-After, and goes on by itself when it is back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cloudemy-outage-'));
  const mongo = await startLocalMongo({ folder });
  const backend = await startReplica(backendEnv(mongo.uri, redis.url));
  const assignment = await createAssignment(backend);
  const { submission_id: id } = await submit(backend, assignment);
  await mongo.close();

  const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const body = JSON.stringify({ assignment_id: assignment.assignment_id, code: 'x' });
  const answers = await Promise.all([
    backend.fetch('/submissions', { ...post, body }),
    backend.fetch(`/submissions/${id}`),
    backend.fetch(`/submissions/${id}/events`),
    backend.fetch(`/submissions/${id}/cancel`, { method: 'POST' }),
    backend.fetch('/assignments'),
  ]);
  for (const answer of answers) {
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ code: 'unavailable' });
  }
  const ready = await fetch(`${backend.base}/readyz`);
  expect(ready.status).toBe(503);
  expect((await fetch(`${backend.base}/livez`)).status).toBe(200);

  const back = await startLocalMongo({ port: mongo.port, folder });
  await until(async () => (await backend.fetch('/assignments')).status === 200);
  expect((await backend.fetch(`/submissions/${id}`)).status).toBe(200);
  await backend.stop();
  await back.close();
  await rm(folder, { recursive: true });
});

test('starts before MongoDB does: not ready, 503, then ready', async () => {
  const probe = await startLocalMongo();
  await probe.close();
  const config = readConfig(backendEnv(probe.uri, redis.url));
  const log = createLogger('backend', 'silent');
  const lifecycle = new Lifecycle(log, 10_000);
  const { port } = await startBackend(config, log, lifecycle);
  const backend = replicaAt(port, () => lifecycle.stop('the test is over'));
  const early = await backend.fetch('/users');
  expect([early.status, early.headers.get('retry-after')]).toEqual([503, '2']);
  const health = await Promise.all(['/livez', '/readyz'].map((path) => fetch(`${backend.base}${path}`)));
  expect(health.map(({ status }) => status)).toEqual([200, 503]);
  expect(await health[1]?.json()).toMatchObject({
    status: 'failing',
    checks: expect.arrayContaining([expect.objectContaining({ name: 'mongodb', ok: false })]),
  });
  const mongo = await startLocalMongo({ port: probe.port });
  await until(async () => (await fetch(`${backend.base}/readyz`)).status === 200);
  expect((await backend.fetch('/users')).status).toBe(200);
  await expect(backend.stop()).resolves.toBe(true);
  await mongo.close();
});
