import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalMongo } from '@cloudemy/emulator-mongo';
import { startRedis } from '@cloudemy/emulator-stack/redis';
import { type Replica, backendEnv, serviceAuth, startReplica, untilReady } from '../testing/harness.js';
import { type Person, adminEmail, bearer, join, jwtEnv, signIn } from '../testing/people.js';

let mongo: Awaited<ReturnType<typeof startLocalMongo>>;
let redis: Awaited<ReturnType<typeof startRedis>>;
let replicas: [Replica, Replica];
let admin: Person;
let student: Person;

beforeAll(async () => {
  [mongo, redis] = await Promise.all([startLocalMongo(), startRedis()]);
  const env = { ...jwtEnv, RATE_LIMIT_PER_USER: '20', RATE_LIMIT_PER_ADDRESS: '120' };
  const start = () => startReplica(backendEnv(mongo.uri, redis.url, env));
  replicas = await Promise.all([start(), start()]);
  await Promise.all(replicas.map(untilReady));
  admin = await signIn(replicas[0], adminEmail);
  student = await join(replicas[0], admin, ['student'], 'student');
});
afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  await Promise.all([mongo.close(), redis.close()]);
});

const list = (replica: Replica, who: Person) => replica.fetch('/submissions', { headers: bearer(who) });

/** The answers to so many requests, over both replicas in turn. */
async function repeat(count: number, call: (replica: Replica) => Promise<Response>): Promise<Response[]> {
  const answers = [];
  for (let turn = 0; turn < count; turn += 1) answers.push(await call(replicas[turn % 2 === 0 ? 0 : 1]));
  return answers;
}

test('a user is limited over all replicas, is told so, and nobody else is', async () => {
  const answers = await repeat(25, (replica) => list(replica, student));
  const refused = answers.filter(({ status }) => status === 429);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
  expect(refused).toHaveLength(5);
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused[0]?.headers.get('ratelimit-policy')).toContain('"user";q=20;w=60');
  expect(answers[0]?.headers.get('ratelimit')).toContain('"user";r=19;t=60');
  expect((await list(replicas[1], admin)).status).toBe(200);
});

test('an address is limited before anything is known about who calls, services and probes are not', async () => {
  const answers = await repeat(130, (replica) => replica.fetch('/submissions'));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 401).length).toBeGreaterThan(0);
  expect(statuses.at(-1)).toBe(429);
  const [replica] = replicas;
  expect((await replica.fetch('/readyz')).status).toBe(200);
  expect((await replica.fetch('/.well-known/jwks.json', { headers: serviceAuth })).status).toBe(200);
  expect((await replica.fetch('/internal/dead-letters', { headers: serviceAuth })).status).toBe(200);
});

test('when Redis is gone requests are answered all the same', async () => {
  await redis.close();
  const answers = await repeat(6, (replica) => list(replica, student));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
});
