import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { repositoryFolder } from '../folders.js';

/** What the rules below look at; the rest is docker compose's to check. */
const Service = z.object({
  image: z.string(),
  user: z.string().optional(),
  command: z.union([z.string(), z.array(z.string())]).optional(),
  profiles: z.array(z.string()).optional(),
  build: z.object({ dockerfile: z.string() }).partial().optional(),
  environment: z.record(z.string(), z.string().nullable()).default({}),
  ports: z.array(z.string()).default([]),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});
const Compose = z.object({ services: z.record(z.string(), Service) });

const read = (name: string): Promise<string> => readFile(join(repositoryFolder, name), 'utf8');

/** Puts in the defaults of variables, the innermost first: `${TAG:-0.1.0}` is `0.1.0`. */
function withDefaults(text: string): string {
  const next = text.replaceAll(
    /\$\{\w+(?::-([^${}]*)|:\+[^${}]*)?\}/g,
    (_, value: string | undefined) => value ?? '',
  );
  return next === text ? text : withDefaults(next);
}

const { services } = Compose.parse(parse(withDefaults(await read('docker-compose.yml')), { merge: true }));
const { version } = z.object({ version: z.string() }).parse(JSON.parse(await read('package.json')));

const entries = Object.entries(services);
/** A node of a real cluster runs containers itself; the other is built here and run by Jobs. */
const hardened = entries.filter(([name]) => !['k3s', 'runner'].includes(name));
const lasting = entries.filter(([name]) => !['prepare', 'runner'].includes(name));

test('services get the names, ports and variables of the contract', () => {
  expect(services['backend']?.environment).toMatchObject({
    MONGO_URI: 'mongodb://mongo:27017',
    DB_NAME: 'cloudemy',
    REDIS_URL: 'redis://redis:6379',
    QUEUE_SUBMISSIONS: 'queue:submissions',
    CORS_ORIGINS: 'http://localhost:3000,http://cloudemy.local',
  });
  expect(services['scheduler']?.environment).toMatchObject({
    REDIS_URL: 'redis://redis:6379',
    QUEUE_SUBMISSIONS: 'queue:submissions',
    K8S_NAMESPACE: 'cloudemy-runners',
    RUNNER_IMAGE: services['runner']?.image,
    BACKEND_INTERNAL_URL: 'http://backend:8000/internal',
    LLM_MODEL: 'gpt-4o-mini',
  });
  expect(services['deployer']?.environment).toMatchObject({
    MONGO_URL: 'mongodb://mongo:27017',
    KUBECONFIG: '/cluster/kubeconfig',
  });
  expect(services['backend']?.ports).toEqual(['127.0.0.1:8000:8000']);
  expect(services['deployer']?.ports).toEqual(['127.0.0.1:8002:8002']);
  expect(services['frontend']?.environment).toMatchObject({
    NEXT_PUBLIC_API_BASE_URL: 'http://backend:8000',
    DEPLOYER_URL: 'http://deployer:8002',
  });
  expect(services['frontend']?.ports).toEqual(['127.0.0.1:3000:3000']);
});

test('what a variable chooses is an image of this version, and a profile of .env is one that exists', async () => {
  for (const [, { image }] of entries) {
    expect(image).toMatch(image.startsWith('cloudemy/') ? `:${version}` : /:[\w.-]*\d/);
  }
  const [, profile] = /^COMPOSE_PROFILES=(\w+)$/m.exec(await read('.env')) ?? [];
  expect(Object.values(services).flatMap(({ profiles = [] }) => profiles)).toContain(profile);
});

test.each(hardened)(
  '%s is not root, keeps no capability and writes nothing to its root file system',
  async (_, { read_only, cap_drop, build, user }) => {
    expect({ read_only, cap_drop }).toEqual({ read_only: true, cap_drop: ['ALL'] });
    const built = build?.dockerfile === undefined ? '' : await read(build.dockerfile);
    expect(user ?? /^USER (.+)$/m.exec(built)?.[1]).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  },
);

test.each(lasting)('%s says when it is healthy', (_, { healthcheck }) => {
  expect(healthcheck?.test.length).toBeGreaterThan(1);
});

test.each(entries)('%s waits until what it needs is whole', (_, { depends_on }) => {
  for (const [needed, { condition }] of Object.entries(depends_on)) {
    const lasts = services[needed]?.healthcheck !== undefined;
    expect(condition).toBe(lasts ? 'service_healthy' : 'service_completed_successfully');
  }
});

test.each(entries)(
  '%s is reached from this machine only, unless BIND_ADDRESS says otherwise',
  (_, { ports }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  },
);

test('each service has its own secrets and nobody else’s, and stores let in who has a password', () => {
  for (const [name, { volumes }] of entries.filter(([service]) => service !== 'prepare')) {
    const secrets = volumes.filter((volume) => volume.startsWith('secrets'));
    expect(secrets.filter((volume) => !volume.startsWith(`secrets-${name}:`))).toEqual([]);
    for (const volume of secrets) expect(volume).toMatch(/:ro$/);
  }
  expect(services['mongo']?.command).toContain('--auth');
  expect(services['redis']?.command).toContainEqual(expect.stringContaining('--aclfile'));
});

test('runners work where nobody deploys, and nobody is let in without a word of the user', () => {
  const served = services['deployer']?.environment['DEPLOYER_NAMESPACES']?.split(',');
  expect(served).not.toContain(services['scheduler']?.environment['K8S_NAMESPACE']);
  for (const name of ['backend', 'scheduler', 'deployer']) {
    expect(services[name]?.environment['ALLOW_INSECURE_NETWORK']).toBe('');
  }
});

test('the file for machines without a registry changes services there are', async () => {
  const text = (await read('docker-compose.offline.yml')).replaceAll(/!(reset|override)/g, '');
  const offline = z
    .object({ services: z.record(z.string(), z.looseObject({})) })
    .parse(parse(withDefaults(text), { merge: true }));
  expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(offline.services)));
});
