import { Lifecycle, createLogger } from '@cloudemy/service';
import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startBackend } from '../backend.js';
import { readConfig } from '../config.js';
import { type TestStores, backendEnv, serviceAuth, startStores } from '../testing/harness.js';

let stores: TestStores;
let lifecycle: Lifecycle;
let open: string;
let internal: string;

beforeAll(async () => {
  stores = await startStores();
  const config = readConfig(backendEnv(stores.mongoUri, stores.redisUrl, { INTERNAL_PORT: '0' }));
  const log = createLogger('backend', 'silent');
  lifecycle = new Lifecycle(log, config.SHUTDOWN_TIMEOUT_MS);
  const { port, internalPort } = await startBackend(config, log, lifecycle);
  open = `http://127.0.0.1:${port}`;
  internal = `http://127.0.0.1:${internalPort}`;
  await until(async () => (await fetch(`${open}/auth`)).status === 200);
});
afterAll(async () => {
  await lifecycle.stop('the test is over');
  await stores.close();
});

const claim = (base: string): Promise<Response> =>
  fetch(`${base}/internal/submissions/claim`, {
    method: 'POST',
    headers: { ...serviceAuth, 'content-type': 'application/json' },
    body: JSON.stringify({ items: [] }),
  });

test('where it is set, the internal API and figures are on INTERNAL_PORT alone', async () => {
  expect((await claim(internal)).status).not.toBe(404);
  expect((await fetch(`${internal}/metrics`)).status).toBe(200);
  expect([(await claim(open)).status, (await fetch(`${open}/metrics`)).status]).toEqual([404, 404]);
});

test('and nothing of people is there, while both say how the service is', async () => {
  const paths = ['/assignments', '/auth', '/users'];
  const answers = await Promise.all(paths.map((path) => fetch(`${internal}${path}`)));
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  for (const base of [open, internal]) expect((await fetch(`${base}/readyz`)).status).toBe(200);
});

test('each describes what it answers', async () => {
  const pathsOf = async (base: string): Promise<string> => (await fetch(`${base}/openapi.json`)).text();
  expect(await pathsOf(open)).not.toContain('"/internal/');
  expect(await pathsOf(internal)).not.toContain('"/assignments"');
});

test('both ports being one is refused in words', () => {
  const env = backendEnv(stores.mongoUri, stores.redisUrl, { PORT: '8000', INTERNAL_PORT: '8000' });
  expect(() => readConfig(env)).toThrow(/INTERNAL_PORT: is 8000, as PORT is/);
});
