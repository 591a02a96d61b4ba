import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { type Stack, defaultCacheFolder, startStack } from '@cloudemy/emulator-stack';
import type { BrowserContext, Page } from 'playwright-core';
import { findChromium, launchBrowser } from '../browser.js';

/** A stack of its own, and a page of a browser that looks at it. */
export interface InBrowser {
  stack: () => Stack;
  page: () => Page;
  go: (path: string) => Promise<unknown>;
  /** No script failed, and the policy of the pages kept nothing out. */
  expectNoFaults: () => void;
}

/** Runs tests in a browser; where there is none they are skipped, and it is said. */
export function inBrowser(name: string, tests: (given: InBrowser) => void): void {
  const executablePath = findChromium();
  if (executablePath === undefined) process.stdout.write('No Chromium here: the pages are not tried.\n');
  (executablePath === undefined ? describe.skip : describe)(name, () => {
    let folder: string;
    let stack: Stack;
    let context: BrowserContext;
    let page: Page;
    const faults: string[] = [];
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
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text());
      });
    }, 120_000);
    afterAll(async () => {
      await context?.close();
      await stack?.close();
      await rm(folder, { recursive: true, force: true });
    }, 60_000);
    beforeEach(() => page.setViewportSize({ width: 1_366, height: 900 }));
    tests({
      stack: () => stack,
      page: () => page,
      go: (path) => page.goto(`${stack.frontendUrl}${path}`),
      expectNoFaults: () => expect(faults.splice(0)).toEqual([]),
    });
  });
}
