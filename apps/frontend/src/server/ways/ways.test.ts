import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Stack, defaultCacheFolder, startStack } from '@cloudemy/emulator-stack';
import type { BrowserContext, Page } from 'playwright-core';
import { findChromium, launchBrowser } from './browser.js';
import { expectAccessible } from './pages.js';

const executablePath = findChromium();
if (executablePath === undefined) process.stdout.write('No Chromium here: the pages are not tried.\n');

let folder: string;
let stack: Stack;
let context: BrowserContext;
let page: Page;
const faults: string[] = [];

(executablePath === undefined ? describe.skip : describe)('in a browser', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'frontend-'));
    [stack, context] = await Promise.all([
      startStack({
        folders: { data: join(folder, 'data'), logs: join(folder, 'logs'), cache: defaultCacheFolder() },
        durable: false,
        ports: { backend: 0, scheduler: 0, deployer: 0, frontend: 0 },
        llm: {},
        namespace: 'cloudemy-runners',
        benchmarkNamespaces: ['default'],
        env: { LOG_LEVEL: 'warn' },
      }),
      launchBrowser(executablePath, join(folder, 'browser')),
    ]);
    page = await context.newPage();
    page.on('pageerror', ({ message }) => faults.push(message));
    // What the policy of the pages keeps out is told here too.
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
  }, 120_000);
  afterAll(async () => {
    await context?.close();
    await stack?.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);
  afterEach(() => {
    expect(faults.splice(0)).toEqual([]);
  });

  const go = (path: string) => page.goto(`${stack.frontendUrl}${path}`);

  test('a benchmark user deploys a template, follows its log, and works in a terminal that outlives a reload', async () => {
    await go('/benchmarks');
    await page.getByText('Nothing is deployed').waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Deploy YAML' }).click();
    await page.getByRole('button', { name: 'Try without' }).click();
    await page.getByText('It would be: 1 created').waitFor();
    await expectAccessible(page);
    await page.getByLabel('Template').selectOption('A Job to open terminals in');
    await page.getByRole('button', { name: 'Deploy', exact: true }).click();
    await page.getByRole('link', { name: 'Watch it' }).click();
    await page.getByRole('cell', { name: /running/ }).waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Log and terminal' }).click();
    await page.getByRole('button', { name: 'Open a terminal' }).click();
    const screen = page.locator('.xterm-accessibility-tree');
    await page.locator('.terminal-note:empty').waitFor({ state: 'attached' });
    await page.locator('.xterm-helper-textarea').focus();
    for (const character of 'echo "<grüße 한국어 $((40+2))>"') await page.keyboard.insertText(character);
    await page.keyboard.press('Enter');
    await page.getByLabel('Screen-reader mode').check();
    await screen.getByText('<grüße 한국어 42>').first().waitFor();
    await expectAccessible(page);
    // The key that leads out of what would be a trap for the keyboard.
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.press('Control+Alt+ArrowUp');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('tab');
    await page.reload();
    await page.getByLabel('Screen-reader mode').check();
    await screen.getByText('<grüße 한국어 42>').first().waitFor();
    await page.getByRole('button', { name: 'End' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
    await page.getByRole('region', { name: 'Terminals' }).waitFor({ state: 'detached' });
  }, 90_000);

  test('what is wrong with YAML is said at its line, by keyboard too', async () => {
    await go('/benchmarks/new');
    await page.getByLabel('Template').selectOption('A Job');
    const editor = page.getByRole('textbox', { name: 'YAML' });
    await editor.focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText('apiVersion: v1\nkind: ConfigMap\nmetadata: [');
    // Tab would indent: Escape first leads out.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const line = page.getByRole('button', { name: /^Line \d+$/ }).first();
    await line.waitFor();
    expect(await page.locator('.cm-lint-marker-error').count()).toBeGreaterThan(0);
    await line.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('YAML');
    // The refusal is the browser's to tell as well.
    faults.splice(0);
  }, 60_000);
});
