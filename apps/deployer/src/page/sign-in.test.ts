import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Session, deployerApi } from '@cloudemy/contracts';
import { type LocalCluster, startLocalCluster } from '@cloudemy/emulator-cluster';
import { type LocalMongo, startLocalMongo } from '@cloudemy/emulator-mongo';
import { type StartedService, freePort, openPeopleDesk, startService } from '@cloudemy/emulator-stack';
import { startRedis } from '@cloudemy/emulator-stack/redis';
import { documentedFetch } from '@cloudemy/service/testing';
import type { BrowserContext, Page } from 'playwright-core';
import { findChromium, launchBrowser } from '../testing/browser.js';
import { jobYaml } from '../testing/yaml.js';

const admin = { email: 'admin@example.com', password: 'a long password of the administrator' };

let folder: string;
let cluster: LocalCluster;
let mongo: LocalMongo;
let redis: Awaited<ReturnType<typeof startRedis>>;
let backend: StartedService;
let deployer: StartedService;
let call: typeof fetch;

/** The real backend, whose access tokens live for seconds. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudemy-sign-in-'));
  [cluster, mongo, redis] = await Promise.all([
    startLocalCluster({ folder: join(folder, 'cluster'), isolation: 'plain' }),
    startLocalMongo(),
    startRedis(),
  ]);
  const start = async (app: 'backend' | 'deployer', env: Record<string, string>) =>
    startService({
      app,
      port: await freePort(),
      logsFolder: folder,
      env: { AUTH_MODE: 'jwt', REDIS_URL: redis.url, ...env },
    });
  backend = await start('backend', {
    MONGO_URI: mongo.uri,
    INTERNAL_SERVICE_TOKEN: 'sixteen characters',
    RESULT_TOKEN_SECRET: 'thirty-two characters, or a few more',
    AUTH_SECRET: 'thirty-two characters, or a few more',
    ADMIN_EMAIL: admin.email,
    ADMIN_PASSWORD: admin.password,
    ACCESS_TOKEN_TTL_S: '62',
    LOGIN_FAILURES_PER_ADDRESS: '5',
  });
  deployer = await start('deployer', {
    MONGO_URL: mongo.uri,
    KUBECONFIG: cluster.kubeconfigPath,
    AUTH_BACKEND_URL: backend.url,
  });
  call = documentedFetch(deployerApi, deployer.url);
}, 120_000);

afterAll(async () => {
  await deployer?.process.stop();
  await backend?.process.stop();
  await Promise.all([cluster?.close(), mongo?.close(), redis?.close()]);
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

test('the page says how one signs in', async () => {
  expect(await (await call('/auth')).json()).toEqual({ mode: 'jwt', issuer: null, self_registration: false });
});

test('a sign-in, its refresh and its end are those of the backend', async () => {
  const answer = await post('/auth/login', admin);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const { access_token, refresh_token } = Session.parse(await answer.json());
  const headers = { authorization: `Bearer ${access_token}` };
  expect((await call('/audit', { headers })).status).toBe(200);
  const next = await post('/auth/refresh', { refresh_token });
  expect(next.status).toBe(200);
  const renewed = Session.parse(await next.json());
  expect((await post('/auth/logout', { refresh_token: renewed.refresh_token })).status).toBe(204);
  expect((await post('/auth/refresh', { refresh_token: renewed.refresh_token })).status).toBe(401);
});

test('failures are counted by who tries and not by this service, and foreign pages may not try', async () => {
  const wrong = { ...admin, password: 'another' };
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const statuses = [];
  for (let tries = 0; tries < 7; tries += 1) {
    statuses.push((await post('/auth/login', wrong, from('192.0.2.1'))).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  expect((await post('/auth/login', admin, from('192.0.2.2'))).status).toBe(200);
  const foreign = await post('/auth/login', admin, { origin: 'http://evil.example' });
  expect(foreign.status).toBe(403);
});

const executablePath = findChromium();

(executablePath === undefined ? describe.skip : describe)('in a browser', () => {
  let context: BrowserContext;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    context = await launchBrowser(executablePath, join(folder, 'browser'));
    page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
  }, 60_000);
  afterAll(() => context?.close());

  const signInWith = async (password: string): Promise<void> => {
    await page.getByLabel('E-mail').fill('operator@example.com');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };

  test('an operator signs in, works over the end of a token, and signs out', async () => {
    const desk = await openPeopleDesk(backend.url, admin, AbortSignal.timeout(30_000));
    const password = 'a long password of the operator';
    await desk?.join('runner-operator', 'operator@example.com', password);

    await page.goto(`${deployer.url}/`);
    await page.getByText('Sign in first').first().waitFor();
    await signInWith('wrong');
    await page.getByText('E-mail or password is wrong.').waitFor();
    await signInWith(password);
    await page.getByText('Nothing is deployed.').waitFor();
    await page.getByText('Signed in as operator').waitFor();
    await page.locator('#yaml').fill(jobYaml('mine', 'sleep 3600'));
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.locator('#deploy-result .good').waitFor();

    // Tokens of 62 s are exchanged 60 s before their end: within seconds of work.
    await page.waitForResponse((answer) => answer.url().endsWith('/auth/refresh') && answer.ok());
    await page.reload();
    await page.getByText('Job mine').first().waitFor();

    const loggedOut = page.waitForResponse((answer) => answer.url().endsWith('/auth/logout'));
    await page.getByRole('button', { name: 'Sign out' }).click();
    expect((await loggedOut).status()).toBe(204);
    await page.getByText('Sign in first').first().waitFor();
    expect(await page.evaluate(() => JSON.stringify(Object.entries(sessionStorage)))).not.toContain('eyJ');
    expect(faults).toEqual([]);
  }, 90_000);
});
