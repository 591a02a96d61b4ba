import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What makes a page conform to WCAG 2.2 AA, as far as a program can tell. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Expects a page without a fault of accessibility in light and dark, and nothing cut off at 320 pixels. */
export async function expectAccessible(page: Page): Promise<void> {
  const before = page.viewportSize() ?? { width: 1366, height: 900 };
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Past the page's own policy, as a browser's extension would be.
    await page.evaluate(axeSource);
    const faults = await page.evaluate(async (wanted) => {
      const axe: { run: (context: object, options: object) => Promise<{ violations: object[] }> } =
        Reflect.get(globalThis, 'axe');
      // What draws a terminal cannot be read by colour.
      const context = { exclude: [['.terminal-screen']] };
      const { violations } = await axe.run(context, { runOnly: { type: 'tag', values: wanted } });
      return violations.map((one) => JSON.stringify(one).slice(0, 1_500));
    }, tags);
    expect({ page: page.url(), colorScheme, faults }).toEqual({ page: page.url(), colorScheme, faults: [] });
  }
  await page.setViewportSize({ width: 320, height: 800 });
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect({ page: page.url(), beyond: Math.max(0, beyond) }).toEqual({ page: page.url(), beyond: 0 });
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: 'light' });
}
