import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LocalMongo, startLocalMongo } from '@cloudemy/emulator-mongo';
import { until } from '@cloudemy/testing';
import { type StartedService, freePort, startService } from '@cloudemy/emulator-stack';
import { startRedis } from '@cloudemy/emulator-stack/redis';
import type { BrowserContext, Page } from 'playwright-core';
import { type TestProvider, startProvider } from '../testing/provider.js';
import { findChromium, launchBrowser } from './browser.js';
import { expectAccessible } from './pages.js';

const executablePath = findChromium();
const admin = { email: 'admin@example.com', password: 'a long password of the administrator' };

let folder: string;
let mongo: LocalMongo;
let redis: Awaited<ReturnType<typeof startRedis>>;
let provider: TestProvider;
let context: BrowserContext;
let page: Page;
const services: StartedService[] = [];
/** Where people sign in with a password, and where at the provider. */
let withPassword: StartedService;
let withProvider: StartedService;

(executablePath === undefined ? describe.skip : describe)('in a browser', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'frontend-'));
    const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    const [backend, frontend, secondBackend, secondFrontend] = ports;
    [mongo, redis, provider, context] = await Promise.all([
      startLocalMongo(),
      startRedis(),
      startProvider(
        [`http://127.0.0.1:${secondFrontend}/session/oidc/callback`],
        { ada: { roles: ['instructor'], email: 'ada@example.com', email_verified: true, name: 'Ada' } },
        // Exchanged 30 seconds before their end: at once.
        31,
      ),
      launchBrowser(executablePath, join(folder, 'browser')),
    ]);
    const pair = async (api: number, pages: number, env: Record<string, string>): Promise<StartedService> => {
      const logsFolder = join(folder, String(pages));
      const common = { AUTH_MODE: 'jwt', REDIS_URL: redis.url, MONGO_URI: mongo.uri, ...env };
      const backendUrl = `http://127.0.0.1:${api}`;
      const started = await Promise.all([
        startService({
          app: 'backend',
          port: api,
          logsFolder,
          env: {
            ...common,
            DB_NAME: `db-${pages}`,
            INTERNAL_SERVICE_TOKEN: 'sixteen characters',
            RESULT_TOKEN_SECRET: 'thirty-two characters, or a few more',
            AUTH_SECRET: 'thirty-two characters, or a few more',
            ADMIN_EMAIL: admin.email,
            ADMIN_PASSWORD: admin.password,
          },
        }),
        startService({
          app: 'frontend',
          port: pages,
          logsFolder,
          env: { ...common, NEXT_PUBLIC_API_BASE_URL: backendUrl, DEPLOYER_URL: backendUrl },
        }),
      ]);
      services.push(...started);
      return started[1];
    };
    [withPassword, withProvider] = await Promise.all([
      pair(backend, frontend, {}),
      pair(secondBackend, secondFrontend, { OIDC_ISSUER: provider.issuer }),
    ]);
    page = await context.newPage();
  }, 120_000);
  afterAll(async () => {
    await context?.close();
    await Promise.all(services.map(({ process }) => process.stop()));
    await Promise.all([mongo?.close(), redis?.close(), provider?.close()]);
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const storedByScripts = () =>
    page.evaluate(
      () =>
        `${document.cookie} ${JSON.stringify([Object.entries(sessionStorage), Object.entries(localStorage)])}`,
    );

  test('with a password, by keyboard alone: wrong, right, where one wanted to go, and out again', async () => {
    await page.goto(`${withPassword.url}/operation/users`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await expectAccessible(page);
    await page.getByLabel('E-mail').focus();
    await page.keyboard.type(admin.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('E-mail or password is wrong.').waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('password');
    await page.keyboard.press('Control+a');
    await page.keyboard.type(admin.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Users' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/operation/users');
    expect(await storedByScripts()).not.toContain('eyJ');
    await page.getByRole('button', { name: 'Sign out', exact: true }).press('Enter');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(`${withPassword.url}/operation/users`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  }, 60_000);

  test('at a provider: refused there, signed in, renewed, and out again on both sides', async () => {
    await page.goto(`${withProvider.url}/assignments/new`);
    const begin = page.getByRole('link', { name: 'Sign in' });
    await begin.waitFor();
    await expectAccessible(page);
    await begin.click();
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByText('cancelled or refused there').waitFor();

    await begin.click();
    await page.getByPlaceholder('Enter any login').fill('ada');
    await page.getByPlaceholder('and password').fill('any');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    // Where one wanted to go at first, through all of it.
    await page.getByLabel('Title').waitFor();
    expect(new URL(page.url()).pathname).toBe('/assignments/new');
    expect(await storedByScripts()).not.toContain('eyJ');

    const sessionOf = async () =>
      (await context.cookies(withProvider.url)).find(({ name }) => name === 'cloudemy-session')?.value;
    const first = await sessionOf();
    expect(first).toBeDefined();
    await until(async () => {
      await page.reload();
      return (await sessionOf()) !== first;
    });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await begin.waitFor();
    expect(await sessionOf()).toBeUndefined();
  }, 60_000);

  test('the way back is good for the browser that went, and leads to no other site', async () => {
    const request = context.request;
    const forged = await request.get(`${withProvider.url}/session/oidc/callback?code=a&state=b`, {
      maxRedirects: 0,
    });
    expect([forged.status(), forged.headers()['location']]).toEqual([303, '/sign-in?refused=expired']);
    const begun = await request.get(`${withProvider.url}/session/oidc/begin?next=//evil.example`, {
      maxRedirects: 0,
    });
    const there = new URL(begun.headers()['location'] ?? '');
    expect(Object.fromEntries(there.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      client_id: 'cloudemy',
    });
    const other = new URLSearchParams({ code: 'a', state: 'another', iss: provider.issuer });
    const crossed = await request.get(`${withProvider.url}/session/oidc/callback?${other}`, {
      maxRedirects: 0,
    });
    expect(crossed.headers()['location']).toBe('/sign-in?refused=failed&next=%2F');
  });
});
