import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TcpRelay } from '@cloudemy/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestIssuer } from '@cloudemy/auth/testing';
import { type LocalCluster, startLocalCluster } from '@cloudemy/emulator-cluster';
import { type LocalMongo, startLocalMongo } from '@cloudemy/emulator-mongo';
import type { BrowserContext, Page } from 'playwright-core';
import { findChromium, launchBrowser } from '../testing/browser.js';
import { jobYaml } from '../testing/yaml.js';

const executablePath = findChromium();
if (executablePath === undefined) {
  console.warn('The page is not tested in a browser: no Chromium on PATH. Install one, or set CHROMIUM.');
}
const withBrowser = executablePath === undefined ? describe.skip : describe;

withBrowser('the page, in a browser', () => {
  let folder: string;
  let cluster: LocalCluster;
  let mongo: LocalMongo;
  let deployer: ChildProcess;
  let deployerUrl: string;
  /** Between the browser and the deployer. */
  let relay: TcpRelay;
  let context: BrowserContext;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cloudemy-page-'));
    [cluster, mongo] = await Promise.all([
      startLocalCluster({ folder: join(folder, 'cluster'), isolation: 'plain' }),
      startLocalMongo(),
    ]);
    deployer = startDeployer({});
    deployerUrl = `http://127.0.0.1:${await portOf(deployer)}`;
    relay = await TcpRelay.before(deployerUrl);
    context = await launchBrowser(executablePath, join(folder, 'browser'));
    page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(relay.url);
  }, 60_000);

  afterAll(async () => {
    await context?.close();
    await relay?.close();
    await stop(deployer);
    await cluster?.close();
    await mongo?.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const startDeployer = (env: Record<string, string>): ChildProcess =>
    spawn(process.execPath, [fileURLToPath(new URL('../../dist/main.js', import.meta.url))], {
      env: {
        PATH: process.env['PATH'],
        PORT: '0',
        MONGO_URL: mongo.uri,
        KUBECONFIG: cluster.kubeconfigPath,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const screen = () => page.locator('.terminal:visible .xterm-rows');
  const type = async (text: string) => {
    await page.locator('.terminal:visible textarea').focus();
    await page.keyboard.type(text);
  };
  const untilShown = (text: string) => screen().getByText(text, { exact: true }).first().waitFor();

  it('deploys, opens a terminal, and returns to it after a reload', async () => {
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.locator('#deploy-result .good').waitFor();
    await page.getByText('Job test-job').first().waitFor();
    await openTerminal('test-job');
    await type('greeting=hello; echo $((40+2))\n');
    await untilShown('42');
    await page.setViewportSize({ width: 700, height: 900 });
    await type('clear; stty size | cut -d" " -f2; echo size\n');
    await untilShown('size');
    const columns = Number((await screen().innerText()).match(/^\s*(\d+)\s*$/m)?.[1]);
    expect(columns).toBeGreaterThan(20);
    expect(columns).toBeLessThan(90);
    await page.reload();
    await untilShown('size');
    await type('echo "$greeting again"\n');
    await untilShown('hello again');
    expect(faults).toEqual([]);
  }, 60_000);

  it('keeps what is typed while the connection is broken, and sends it when it is back', async () => {
    relay.cut();
    await page.getByText('The connection was lost').waitFor();
    await type('echo $((40+3)) later\n');
    relay.restore();
    await untilShown('43 later');
  }, 60_000);

  it('says that a session has ended, and leaves it at that', async () => {
    const listed = await page.request.get(`${relay.url}/terminal/sessions`);
    const { items } = await listed.json();
    relay.cut();
    await page.getByText('The connection was lost').waitFor();
    await fetch(`${deployerUrl}/terminal/${items[0].session_id}`, { method: 'DELETE' });
    relay.restore();
    await page.getByText('There is no such terminal session, or it has ended.').waitFor();
  }, 60_000);

  it('follows a log to its end, over a break of the connection, each line once and as it is', async () => {
    const goOn = join(folder, 'go-on');
    const script = `seq -f 'line %g' 3; until [ -e ${goOn} ]; do sleep 0.1; done; seq -f 'line %g' 4 9; printf 'a\\342\\200\\256b\\n'`;
    await page.locator('#yaml').fill(jobYaml('talker', script));
    await page.getByRole('button', { name: 'Deploy' }).click();
    const item = page.locator('#deployments li li', { hasText: 'Job talker' });
    await item.getByRole('button', { name: 'Log' }).click();
    await page.locator('#log').getByText('line 3', { exact: true }).waitFor();
    relay.cut();
    await page.locator('#log-note').getByText('Connecting again').waitFor();
    await writeFile(goOn, '');
    relay.restore();
    await page.locator('#log-note').getByText('The log has ended (succeeded)').waitFor();
    const lines = Array.from({ length: 9 }, (_, i) => `line ${i + 1}`);
    await page.locator('#log').getByText('line 9', { exact: true }).waitFor();
    // What would turn the order of characters around is spelled out.
    expect(await page.locator('#log > div').allInnerTexts()).toEqual([...lines, 'a[U+202E]b']);
  }, 60_000);

  it('shows what is wrong with YAML, by line', async () => {
    await page.locator('#yaml').fill('apiVersion: v1\nkind: ConfigMap\nmetadata: [');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.locator('#deploy-result .bad').waitFor();
    await page
      .getByRole('button', { name: /^Line \d+$/ })
      .first()
      .waitFor();
  }, 30_000);

  it('asks to sign in where users do, and then does all the same', async () => {
    const issuer = await createTestIssuer({ iss: 'cloudemy', aud: 'cloudemy' });
    const backend = createServer((_req, res) => res.end(JSON.stringify(issuer.jwks)));
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
    const address = backend.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const guarded = startDeployer({
      AUTH_MODE: 'jwt',
      AUTH_BACKEND_URL: `http://127.0.0.1:${port}`,
      DB_NAME: 'guarded',
    });
    try {
      await page.goto(`http://127.0.0.1:${await portOf(guarded)}/`);
      await page.getByText('Sign in first').first().waitFor();
      const token = await issuer.sign({ sub: 'a'.repeat(24), roles: ['runner-operator'] });
      await page.getByText('With an API key or access token').click();
      await page.getByLabel('API key or access token').fill(token);
      await page.getByRole('button', { name: 'Use it' }).click();
      await page.getByText('Nothing is deployed.').waitFor();
      await page.locator('#yaml').fill(jobYaml('mine', 'echo it is mine; sleep 3600'));
      await page.getByRole('button', { name: 'Deploy' }).click();
      await page.locator('#deploy-result .good').waitFor();
      await openTerminal('mine');
      await type('echo $((40+2))\n');
      await untilShown('42');
      await page.reload();
      await untilShown('42');
      await page.getByRole('button', { name: 'Log' }).click();
      await page.locator('#log').getByText('it is mine', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('Sign in first').first().waitFor();
    } finally {
      await stop(guarded);
      backend.close();
    }
  }, 60_000);

  /** The pod may still be starting. */
  async function openTerminal(job: string): Promise<void> {
    for (let tries = 0; tries < 20; tries++) {
      await page.getByRole('button', { name: 'Terminal' }).first().click();
      const opened = page.getByRole('tab', { name: job });
      const refused = page.getByText('No terminal can be opened');
      await opened.or(refused).first().waitFor();
      if (await opened.isVisible()) return;
      await page.waitForTimeout(250);
    }
    throw new Error('no terminal opened');
  }
});

async function stop(service: ChildProcess | undefined): Promise<void> {
  service?.kill('SIGTERM');
  if (service?.exitCode === null) await once(service, 'exit');
}

/** Reads the log of a starting service until it says where it listens. */
async function portOf({ stdout }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error('no output to read');
  for await (const line of createInterface({ input: stdout })) {
    const entry: unknown = JSON.parse(line);
    if (entry instanceof Object && 'port' in entry && 'msg' in entry && entry.msg === 'listening') {
      stdout.resume();
      return Number(entry.port);
    }
  }
  throw new Error('the deployer did not start');
}
