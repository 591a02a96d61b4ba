import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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
  /** No script failed, and the policy of the pages kept nothing out. */
  const expectNoFaults = (): void => expect(faults.splice(0)).toEqual([]);

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
    // What fills the screen is there again after a reload, and continues.
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.type('vi /tmp/text\n');
    await screen.getByText('~').first().waitFor();
    // Input methods reach xterm.js without this mode alone.
    await page.getByLabel('Screen-reader mode').uncheck();
    await page.locator('.xterm-helper-textarea').focus();
    for (const character of 'iHallo 세계') await page.keyboard.insertText(character);
    await page.getByLabel('Screen-reader mode').check();
    await screen.getByText('Hallo 세계').first().waitFor();
    await page.reload();
    await page.getByLabel('Screen-reader mode').check();
    await screen.getByText('Hallo 세계').first().waitFor();
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.press('Escape');
    await page.keyboard.type(':wq\n');
    await page.keyboard.type('clear; cat /tmp/text; echo $((40+3))\n');
    await screen.getByText('43', { exact: true }).waitFor();
    await screen.getByText('Hallo 세계').first().waitFor();
    // The key that leads out of what would be a trap for the keyboard.
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.press('Control+Alt+ArrowUp');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('tab');
    await page.getByRole('button', { name: 'End' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
    await page.getByRole('region', { name: 'Terminals' }).waitFor({ state: 'detached' });
    expectNoFaults();
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

  test('an operator sees in words what works, who there is, and who did what; in Korean too', async () => {
    const created = await fetch(`${stack.backendUrl}/assignments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        title: 'To be seen in the trail',
        description: 'A task.',
        language: 'python',
        rubric: { criteria: [{ criterion_id: 'works', title: 'Works', points: 1 }] },
      }),
    });
    expect(created.status).toBe(201);
    await go('/operation');
    await page.getByText('Every permission is held').waitFor();
    await page.getByText('Nothing was graded yet.').waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Users' }).click();
    await page.getByText('Nobody signs in here').waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Dead letters' }).click();
    await page.getByText('There are none').waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Policy and grants' }).click();
    await page.getByText('everybody with the role runner-operator').waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Audit trail' }).click();
    await page.getByText('createAssignment').first().waitFor();
    await expectAccessible(page);
    await page.getByLabel('Language').selectOption('한국어');
    await page.getByRole('heading', { name: '감사 기록' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('ko');
    await page.getByLabel('언어').selectOption('English');
    await page.getByRole('heading', { name: 'Audit trail' }).waitFor();
    // Not there, and said so.
    const answer = await go('/submissions/ffffffffffffffffffffffff');
    expect(answer?.status()).toBe(200);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await expectAccessible(page);
    expectNoFaults();
  }, 60_000);
});
