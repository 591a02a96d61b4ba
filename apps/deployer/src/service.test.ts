import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DeployAnswer, SystemStatus } from '@cloudemy/contracts';
import { request as rawRequest } from 'node:http';
import { SECRETS, resourcePath } from '@cloudemy/k8s';
import { ConfigError } from '@cloudemy/service';
import { readConfig } from './config.js';
import { call, expectCall } from './testing/calls.js';
import { type TestDeployer, TestStack } from './testing/stack.js';
import { configMapYaml } from './testing/yaml.js';

let stack: TestStack;
let deployer: TestDeployer;

beforeAll(async () => {
  stack = await TestStack.start();
  deployer = await stack.startDeployer({ DEPLOYER_NAMESPACES: 'default,other' });
});

afterAll(() => stack.stop());

/** A raw request: fetch lets nobody choose `Host` or upgrade. */
function send(headers: Record<string, string>, path = '/deployments'): Promise<number> {
  const { port } = new URL(deployer.url);
  return new Promise((resolve, reject) => {
    const request = rawRequest({ port, path, headers, host: '127.0.0.1' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    request.on('upgrade', (_answer, socket) => {
      socket.destroy();
      resolve(101);
    });
    request.on('error', reject).end();
  });
}

test('the state names cluster, database, permissions, policy, sessions and deployments', async () => {
  await expectCall(DeployAnswer, 201, deployer, 'POST', '/deploy', {
    yaml_content: configMapYaml('for-status'),
  });
  const state = await expectCall(SystemStatus, 200, deployer, 'GET', '/status');
  expect(state).toMatchObject({
    status: 'ok',
    cluster: { reachable: true, message: null },
    database: { reachable: true },
    deployments: { deployed: 1 },
  });
  expect(state.permissions.map(({ namespace, missing }) => [namespace, missing])).toEqual([
    ['default', []],
    ['other', []],
  ]);
  expect(state.permissions[0]?.held).toContain('create jobs.batch in namespace default');
  expect((await call(deployer, 'GET', '/health')).status).toBe(200);
});

test('pages of other origins, rebound names and their WebSockets are turned away', async () => {
  const own = new URL(deployer.url).host;
  expect(await send({})).toBe(200);
  expect(await send({ origin: deployer.url })).toBe(200);
  expect(await send({ origin: 'http://localhost:3000' })).toBe(200);
  expect(await send({ origin: 'https://evil.example' })).toBe(403);
  expect(await send({ origin: 'null' })).toBe(403);
  expect(await send({ host: 'rebound.example' })).toBe(403);
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  };
  expect(await send({ ...upgrade, origin: 'https://evil.example' }, '/terminal/x')).toBe(403);
  expect(await send({ ...upgrade, host: 'rebound.example' }, '/terminal/x')).toBe(403);
  expect(await send({ ...upgrade, origin: `http://${own}` }, '/nowhere')).toBe(404);
});

test('the log shows no whole id of a terminal: it opens its door', async () => {
  const id = 'abcdefgh0123456789ABCDEFGHIJKLMN';
  await call(deployer, 'DELETE', `/terminal/${id}`);
  await call(deployer, 'POST', `/terminal/${id}/ticket`);
  const lines = deployer.logLines.filter((line) => line.includes('/terminal/abcdefgh…'));
  expect(lines).toHaveLength(2);
  expect(deployer.logLines.join('')).not.toContain(id);
});

test('the log names the cluster by its host, as an address can hold a token', () => {
  const listening = deployer.logLines.filter((line) => line.includes('"msg":"listening"'));
  expect(listening).toHaveLength(1);
  expect(JSON.parse(listening[0] ?? '{}').cluster).toMatch(/^[\w.-]+:\d+$/);
});

test('the page for the API loads nothing from elsewhere', async () => {
  const page = await (await fetch(`${deployer.url}/docs/`)).text();
  expect(page).not.toMatch(/(src|href)="https?:/);
  expect(await (await fetch(`${deployer.url}/openapi.json`)).text()).toContain('/jobs/{job_name}/logs');
});

test('an Idempotency-Key is refused rather than not heeded', async () => {
  const answer = await deployer.fetch('/deploy', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
    body: JSON.stringify({ yaml_content: configMapYaml('keyed'), namespace: 'default' }),
  });
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ errors: [{ in: 'header', path: 'idempotency-key' }] });
});

test('behind a path the documentation stays within it', async () => {
  const answer = await fetch(`${deployer.url}/docs`, { redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([301, 'docs/']);
  const document = await (await fetch(`${deployer.url}/openapi.json`)).text();
  expect(document).toContain('"servers":[{"url":"./"}]');
});

test('without a database the service says so and stays up', async () => {
  const lonely = await stack.startDeployer({ MONGO_URL: 'mongodb://127.0.0.1:1' }, { waitUntilReady: false });
  expect(await call(lonely, 'GET', '/deployments')).toMatchObject({
    status: 503,
    body: { code: 'unavailable' },
  });
  const state = await expectCall(SystemStatus, 200, lonely, 'GET', '/status');
  expect(state).toMatchObject({ status: 'degraded', database: { reachable: false }, deployments: null });
  expect((await call(lonely, 'GET', '/health')).status).toBe(503);
});

test.each([
  [{ HOST: '0.0.0.0' }, /ALLOW_INSECURE_NETWORK/],
  [{ MONGO_URL: 'redis://x' }, /MONGO_URL/],
  [{ DEPLOYER_NAMESPACES: '../x' }, /DEPLOYER_NAMESPACES/],
  [{ ALLOWED_KINDS: 'job' }, /ALLOWED_KINDS/],
  [{ ALLOWED_KINDS: 'Job.batch,Ingress.networking.k8s.io' }, /Ingress.*ALLOWED_UNCHECKED_KINDS/],
  [{ POLICY_LEVEL: 'lax' }, /POLICY_LEVEL/],
])('the environment %j is refused in words', (env, words) => {
  expect(() => readConfig(env)).toThrow(ConfigError);
  expect(() => readConfig(env)).toThrow(words);
});

test('with accounts it does not start where runners work, and says which namespace', async () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'model', namespace: 'default', labels: { 'app.kubernetes.io/component': 'runner' } },
  };
  const path = resourcePath(SECRETS, { namespace: 'default', name: 'model' });
  await stack.cluster.api.apply(path, secret, { fieldManager: 'test' });
  const served = { DEPLOYER_NAMESPACES: 'default,other', AUTH_MODE: 'jwt' };
  const started = stack.startDeployer(served, { waitUntilReady: false });
  await expect(started).rejects.toThrow(ConfigError);
  await expect(started).rejects.toThrow(/namespace default \(secrets\/model\)/);
  await stack.cluster.api.delete(path);
  await stack.startDeployer(served);
});
