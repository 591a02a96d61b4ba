import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type LocalCluster, startLocalCluster } from '@cloudemy/local-cluster';
import { type LocalMongo, startLocalMongo } from '@cloudemy/local-mongo';
import { type BrowserContext, type Page, chromium } from 'playwright-core';

/** A Chromium of this machine: CHROMIUM, or the first on PATH. */
function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const given = process.env['CHROMIUM'];
  const files = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...(given === undefined ? [] : [given]), ...files].find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

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
  let context: BrowserContext;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cloudemy-page-'));
    [cluster, mongo] = await Promise.all([
      startLocalCluster({ folder: join(folder, 'cluster') }),
      startLocalMongo(),
    ]);
    deployer = spawn(process.execPath, [fileURLToPath(new URL('../../dist/main.js', import.meta.url))], {
      env: { PATH: process.env['PATH'], PORT: '0', MONGO_URL: mongo.uri, KUBECONFIG: cluster.kubeconfigPath },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const port = await portOf(deployer);
    context = await chromium.launchPersistentContext(join(folder, 'browser'), {
      ...(executablePath === undefined ? {} : { executablePath }),
      headless: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${port}/`);
  }, 60_000);

  afterAll(async () => {
    await context?.close();
    deployer?.kill('SIGTERM');
    if (deployer?.exitCode === null) await once(deployer, 'exit');
    await cluster?.close();
    await mongo?.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

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
    await openTerminal();
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

  it('shows what is wrong with YAML, by line', async () => {
    await page.locator('#yaml').fill('apiVersion: v1\nkind: ConfigMap\nmetadata: [');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.locator('#deploy-result .bad').waitFor();
    await page
      .getByRole('button', { name: /^Line \d+$/ })
      .first()
      .waitFor();
  }, 30_000);

  /** The pod may still be starting. */
  async function openTerminal(): Promise<void> {
    for (let tries = 0; tries < 20; tries++) {
      await page.getByRole('button', { name: 'Terminal' }).first().click();
      const opened = page.getByRole('tab', { name: 'test-job' });
      const refused = page.getByText('No terminal can be opened');
      await opened.or(refused).first().waitFor();
      if (await opened.isVisible()) return;
      await page.waitForTimeout(250);
    }
    throw new Error('no terminal opened');
  }
});

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
