import { until } from '@cloudemy/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { authenticateByToken, backendIssuer } from '@cloudemy/auth';
import { type TestIssuer, createTestIssuer } from '@cloudemy/auth/testing';
import { terminalCloseCodes } from '@cloudemy/contracts';
import { startRedis } from '@cloudemy/emulator-stack/redis';
import { type TestDeployer, TestStack } from '../testing/stack.js';
import { jobYaml } from '../testing/yaml.js';

const limits = {
  RATE_LIMIT_PER_USER: '20',
  RATE_LIMIT_PER_ADDRESS: '200',
  RATE_LIMIT_TERMINALS_PER_USER: '2',
  MAX_LOG_STREAMS_PER_USER: '1',
};

let stack: TestStack;
let redis: Awaited<ReturnType<typeof startRedis>>;
let issuer: TestIssuer;
let replicas: [TestDeployer, TestDeployer];

beforeAll(async () => {
  issuer = await createTestIssuer({ iss: 'cloudemy', aud: 'cloudemy' });
  [stack, redis] = await Promise.all([TestStack.start(), startRedis()]);
  const issuers = [backendIssuer('cloudemy', 'cloudemy', issuer.keys)];
  const authenticate = authenticateByToken({ issuers, clockTolerance: 0 }, async () => undefined);
  const env = { AUTH_MODE: 'jwt', REDIS_URL: redis.url, ...limits };
  const start = () => stack.startDeployer(env, { authenticate });
  replicas = await Promise.all([start(), start()]);
});
afterAll(async () => {
  await stack.stop();
  await redis.close();
});

/** Each test has a user of its own, as what one has used up stays used up. */
let users = 0;
async function newUser(): Promise<{ headers: Record<string, string> }> {
  users += 1;
  const sub = String(users).padStart(24, '0');
  return { headers: { authorization: `Bearer ${await issuer.sign({ sub, roles: ['runner-operator'] })}` } };
}

const replica = (turn: number): TestDeployer => replicas[turn % 2 === 0 ? 0 : 1];

test('a user is limited over all replicas, is told so, and nobody else is', async () => {
  const [user, other] = [await newUser(), await newUser()];
  const answers: Response[] = [];
  for (let turn = 0; turn < 25; turn += 1) answers.push(await replica(turn).fetch('/deployments', user));
  const refused = answers.filter(({ status }) => status === 429);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
  expect(refused).toHaveLength(5);
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused[0]?.headers.get('ratelimit-policy')).toContain('"user";q=20;w=60');
  expect((await replica(1).fetch('/deployments', other)).status).toBe(200);
});

test('terminals and tickets are limited more closely, before anything is started', async () => {
  const user = await newUser();
  const open = (turn: number) =>
    replica(turn).fetch('/jobs/nothing/terminal?shell=/bin/sh', { ...user, method: 'POST' });
  expect([(await open(0)).status, (await open(1)).status, (await open(2)).status]).toEqual([404, 404, 429]);
  const session = 's'.repeat(32);
  const ticket = await replica(0).fetch(`/terminal/${session}/ticket`, { ...user, method: 'POST' });
  expect(ticket.status).toBe(429);
  expect((await replica(0).fetch('/terminal/sessions', user)).status).toBe(200);
});

test('one user follows so many logs at a time, others follow theirs', async () => {
  const [first, second] = [await newUser(), await newUser()];
  const deploy = async (who: typeof first, name: string): Promise<void> => {
    const body = JSON.stringify({ yaml_content: jobYaml(name, 'echo here; sleep 3600') });
    const headers = { ...who.headers, 'content-type': 'application/json' };
    expect((await replicas[0].fetch('/deploy', { method: 'POST', headers, body })).status).toBe(201);
  };
  await deploy(first, 'of-first');
  await deploy(second, 'of-second');
  const follow = (who: typeof first, name: string, signal?: AbortSignal) =>
    replicas[0].fetch(`/jobs/${name}/logs?follow=true`, { ...who, ...(signal && { signal }) });
  const leaving = new AbortController();
  expect((await follow(first, 'of-first', leaving.signal)).status).toBe(200);
  const refused = await follow(first, 'of-first');
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('You follow 1 logs') });
  expect((await follow(second, 'of-second', leaving.signal)).status).toBe(200);
  leaving.abort();
  await until(async () => (await follow(first, 'nothing')).status === 404);
});

/** The code that a connection to a terminal is closed with. */
const closeCode = (url: string): Promise<number> =>
  new Promise((resolve) => {
    const socket = new WebSocket(url.replace('http', 'ws'));
    socket.addEventListener('close', ({ code }) => resolve(code));
  });

test('an address is limited before anything is known about who calls, over WebSockets too', async () => {
  const path = `/terminal/${'s'.repeat(32)}`;
  expect(await closeCode(`${replicas[0].url}${path}`)).toBe(terminalCloseCodes.bad_ticket);
  let status = 0;
  for (let turn = 0; turn < 250 && status !== 429; turn += 1) {
    status = (await replica(turn).fetch('/deployments')).status;
  }
  expect(status).toBe(429);
  expect(await closeCode(`${replicas[1].url}${path}`)).toBe(terminalCloseCodes.rate_limited);
  expect((await fetch(`${replicas[0].url}/readyz`)).status).toBe(200);
});

test('when Redis is gone requests are answered all the same, and health says what is missing', async () => {
  await redis.close();
  const user = await newUser();
  for (let turn = 0; turn < 4; turn += 1) {
    expect((await replica(turn).fetch('/deployments', user)).status).toBe(200);
  }
  await until(async () => {
    const ready = await fetch(`${replicas[0].url}/readyz`);
    expect(ready.status).toBe(200);
    return (await ready.text()).includes('"name":"redis","ok":false');
  });
});
