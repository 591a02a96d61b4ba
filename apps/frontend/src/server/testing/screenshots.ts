// `npm run screenshots`: starts a stack of its own, fills it, and takes the pictures that README.md shows.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient, publicApi } from '@cloudemy/contracts';
import { defaultCacheFolder, startStack } from '@cloudemy/emulator-stack';
import { until } from '@cloudemy/testing';
import type { Page } from 'playwright-core';
import { findChromium, launchBrowser } from '../ways/browser.js';

const target = fileURLToPath(new URL('../../../../docs/screenshots/', import.meta.url));

const code = `def bubble_sort(items):
    for end in range(len(items) - 1, 0, -1):
        swapped = False
        for i in range(end):
            if items[i] > items[i + 1]:
                items[i], items[i + 1] = items[i + 1], items[i]
                swapped = True
        if not swapped:
            break
    return items
`;

const executablePath = findChromium();
if (executablePath === undefined) throw new Error('There is no Chromium. Install one, or set CHROMIUM.');
const folder = await mkdtemp(join(tmpdir(), 'screenshots-'));
const stack = await startStack({
  folders: { data: join(folder, 'data'), logs: join(folder, 'logs'), cache: defaultCacheFolder() },
  durable: false,
  ports: { backend: 0, scheduler: 0, deployer: 0, frontend: 0 },
  llm: {},
  namespace: 'cloudemy-runners',
  benchmarkNamespaces: ['default'],
  env: { LOG_LEVEL: 'warn' },
});
const context = await launchBrowser(executablePath, join(folder, 'browser'));
try {
  const page = await context.newPage();
  await page.setViewportSize({ width: 1280, height: 800 });
  await mkdir(target, { recursive: true });
  await takeAll(page);
} finally {
  await context.close();
  await stack.close();
  await rm(folder, { recursive: true, force: true });
}

async function takeAll(page: Page): Promise<void> {
  const go = (path: string) => page.goto(`${stack.frontendUrl}${path}`);
  const take = (name: string) => page.screenshot({ path: join(target, `${name}.png`) });
  const { submission, assignment } = await gradeSome();
  await go(`/submissions/${submission}`);
  await page.locator('.criterion').first().click();
  await take('submission');
  await go(`/assignments/${assignment}/submissions`);
  await page.getByRole('heading', { name: 'Distribution' }).waitFor();
  await take('assignment');
  await go('/benchmarks/new');
  await page.getByLabel('Template').selectOption('A Job to open terminals in');
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await page.getByRole('link', { name: 'Watch it' }).click();
  await page.getByRole('cell', { name: /running/ }).waitFor();
  await page.getByRole('link', { name: 'Log and terminal' }).click();
  await page.getByRole('button', { name: 'Open a terminal' }).click();
  await page.locator('.terminal-note:empty').waitFor({ state: 'attached' });
  await page.locator('.xterm-helper-textarea').focus();
  await page.keyboard.type('echo "hello from $(hostname)"\n');
  await page.getByLabel('Screen-reader mode').check();
  await page.getByText('hello from my-workbench').first().waitFor();
  await page.getByLabel('Screen-reader mode').uncheck();
  await take('benchmark');
  await go('/operation');
  await page.getByText('Every permission is held').waitFor();
  await take('operation');
}

/** An assignment with a few graded submissions; the last of them is shown. */
async function gradeSome(): Promise<{ submission: string; assignment: string }> {
  const backend = createClient(publicApi, { baseUrl: stack.backendUrl });
  const { assignment_id } = await backend.createAssignment({
    body: {
      title: 'Bubble sort',
      description: 'Write `bubble_sort(items)`: it sorts a list of numbers **in place** and returns it.',
      language: 'python',
      rubric: {
        criteria: [
          { criterion_id: 'sorts', title: 'Sorts', description: 'The list is sorted.', points: 6 },
          { criterion_id: 'early', title: 'Stops early', description: 'Ends once sorted.', points: 2 },
          { criterion_id: 'names', title: 'Names', description: 'Names say what they hold.', points: 2 },
        ],
      },
    },
  });
  const texts = [code.replace('swapped = True', 'pass'), code.replace('return items', 'return None'), code];
  const ids: string[] = [];
  for (const text of texts) {
    ids.push((await backend.createSubmission({ body: { assignment_id, code: text } })).submission_id);
  }
  for (const submission_id of ids) {
    await until(async () => (await backend.getSubmission({ params: { submission_id } })).status === 'graded');
  }
  return { submission: ids.at(-1) ?? '', assignment: assignment_id };
}
