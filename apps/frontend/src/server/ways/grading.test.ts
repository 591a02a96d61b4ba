import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { inBrowser } from './in-browser.js';
import { expectAccessible } from './pages.js';

/** Presses Tab until what has the focus is called so: the way of those who have no mouse. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const wanted = page.getByRole('button', { name }).or(page.getByRole('link', { name })).first();
  await wanted.waitFor();
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

inBrowser('grading', ({ page: given, go, expectNoFaults }) => {
  test('by mouse: set an assignment, hand in, read, ask about lines, decide, answer', async () => {
    const page = given();
    await go('/');
    await page.getByText('There are no assignments yet').waitFor();
    await page.getByRole('link', { name: 'New assignment' }).click();
    await page.getByLabel('Title').fill('Bubble sort');
    await page
      .getByRole('textbox', { name: 'Task' })
      .fill('Sort a list **in place**. <script>alert(1)</script>');
    await page.getByLabel('Criterion 1').fill('Sorts');
    await page.getByLabel('What the code must show').fill('The list is sorted by `sort`.');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Add a criterion' }).click();
    await page.getByLabel('Criterion 2').fill('Names');
    await page.getByRole('button', { name: 'Up Names' }).press('Enter');
    expect(await page.getByLabel('Criterion 1').inputValue()).toBe('Names');
    await page.getByRole('button', { name: 'Create' }).click();

    const editor = page.getByRole('textbox', { name: 'Your code' });
    await editor.waitFor();
    await editor.fill('def sort(items):\n    items.sort()\n    return items');
    await expectAccessible(page);
    // The draft outlives a reload.
    await page.reload();
    await editor.getByText('items.sort()').waitFor();
    await page.getByRole('button', { name: 'Hand in' }).click();
    await page.getByText('Why this grade').waitFor();
    await page.getByText('graded', { exact: true }).first().waitFor();
    await page.locator('.criterion').first().waitFor();
    await expectAccessible(page);

    await page.locator('.code-number').nth(1).click();
    await page
      .locator('.code-number')
      .nth(2)
      .click({ modifiers: ['Shift'] });
    await page.getByText('lines 2 to 3').waitFor();
    await page.getByRole('button', { name: 'Ask for another look at these' }).click();
    await page.getByLabel('What was overlooked?').fill('It does sort.');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByText('It does sort.').waitFor();
    await page.getByText('main.py: Lines 2 to 3', { exact: true }).waitFor();
    await page.getByText('Decide the points', { exact: true }).click();
    await page.locator('details[open]').getByLabel('Why? The student reads this.').fill('Seen again.');
    await page.getByRole('spinbutton', { name: /Sorts/ }).fill('7');
    await page.getByRole('button', { name: 'Put in force' }).click();
    await page.getByText('decided by a person').waitFor();
    await page.getByLabel('Your answer.').fill('You are right.');
    await page.getByRole('button', { name: 'Answer' }).click();
    await page.getByText('The grade was changed.').waitFor();
    await page.getByRole('link', { name: 'How it was graded' }).click();
    await page.getByRole('heading', { name: 'What the machine did' }).waitFor();
    await expectAccessible(page);
    expectNoFaults();
  }, 120_000);

  test('by keyboard alone: hand in, read, ask', async () => {
    const page = given();
    await go('/');
    await tabTo(page, 'Bubble sort');
    await page.keyboard.press('Enter');
    const editor = page.getByRole('textbox', { name: 'Your code' });
    await editor.waitFor();
    for (let presses = 0; !(await editor.evaluate((it) => it === document.activeElement)); presses += 1) {
      expect(presses).toBeLessThan(40);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.type('def sort(a):\nreturn sorted(a)');
    await page.keyboard.press('Escape');
    await tabTo(page, 'Hand in');
    await page.keyboard.press('Enter');
    await page.locator('.criterion').first().waitFor();
    const code = page.locator('.code-lines');
    for (let presses = 0; !(await code.evaluate((it) => it === document.activeElement)); presses += 1) {
      expect(presses).toBeLessThan(40);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await tabTo(page, 'Ask for another look at these');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Both lines do it.');
    await tabTo(page, 'Ask');
    await page.keyboard.press('Enter');
    await page.getByText('main.py: Lines 1 to 2', { exact: true }).waitFor();
    expectNoFaults();
  }, 90_000);

  test('grading again: estimated, tried as a draft, compared, put in force and taken back', async () => {
    const page = given();
    await go('/');
    await page.getByRole('link', { name: /All submissions/ }).click();
    await page.getByRole('heading', { name: 'Distribution' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Grade again' }).click();
    await page.getByRole('button', { name: 'Estimate' }).click();
    await page.getByText('2 submissions.').waitFor();
    await page.getByRole('button', { name: 'Draft of all' }).click();
    await page.getByText('2 of 2 graded').waitFor({ timeout: 30_000 });
    await page.getByText('done', { exact: true }).waitFor();
    await expectAccessible(page);
    await page.getByRole('checkbox', { name: 'Choose all' }).check();
    await page.getByLabel('Why? Students read this.').fill('A better rubric.');
    await page.getByRole('button', { name: 'Put the 2 chosen in force' }).click();
    await page.getByText('2 in force').waitFor();
    await page.getByRole('button', { name: 'Take all back' }).click();
    await page.getByText('0 in force').waitFor();
    await page
      .getByRole('link', { name: /^Compare/ })
      .first()
      .click();
    await page.getByRole('heading', { name: 'Attempts side by side' }).waitFor();
    await expectAccessible(page);
    expectNoFaults();
  }, 120_000);

  test('by keyboard alone: like submissions are seen, decided, and taken back', async () => {
    const page = given();
    await go('/');
    await page.getByRole('link', { name: /All submissions/ }).click();
    await tabTo(page, 'Review');
    await page.keyboard.press('Enter');
    await page.getByRole('form', { name: 'Decide the group' }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('p');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('4');
    await page.getByText('The submission gets 4 of 20 points').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('y');
    await page.getByText('Everything is reviewed').waitFor();
    expectNoFaults();
  }, 90_000);
});
