import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { inBrowser } from './testing/in-browser.js';
import { expectAccessible } from './pages.js';

/** Presses Tab until what has the focus is called so: the way of those who have no mouse. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const called = { name, exact: true };
  const wanted = page.getByRole('button', called).or(page.getByRole('link', called)).first();
  await wanted.waitFor();
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

/** Bytes of script over the wire that the page of a submission may have. */
const mostScript = 170 * 1_024;

/** What the scripts of the page had over the wire, or would have had they not been in the cache. */
const scriptBytes = (page: Page): Promise<number> =>
  page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter((entry) => entry instanceof PerformanceResourceTiming && entry.initiatorType === 'script')
      .reduce(
        (sum, entry) => sum + (entry instanceof PerformanceResourceTiming ? entry.encodedBodySize : 0),
        0,
      ),
  );

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
    await page.reload();
    await page.locator('.criterion').first().waitFor();
    expect(await scriptBytes(page)).toBeLessThanOrEqual(mostScript);

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
    const first = await page.locator('.group-link').count();
    const groupsAre = (count: number) =>
      page.waitForFunction((wanted) => document.querySelectorAll('.group-link').length === wanted, count);
    await page.keyboard.press('p');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('4');
    await page.getByText(/^The submission gets [\d.]+ of 20 points/).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('y');
    await groupsAre(first - 1);
    await page.keyboard.press('u');
    await groupsAre(first);
    expectNoFaults();
  }, 90_000);

  test('a course: made, people from a CSV, found, and in the grade book with what they handed in', async () => {
    const page = given();
    await go('/courses');
    await page.getByText('You are in no course').waitFor();
    await page.getByLabel('Title').fill('Programming');
    await page.getByLabel('Title').press('Enter');
    await page
      .getByRole('textbox', { name: /^CSV/ })
      .fill('email;name;section\nada@example.org;Ada 에이다;a\nbo@example.org;Bo;b\n');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText('It would be: 2 added').waitFor();
    await page.getByRole('button', { name: 'Import' }).click();
    await page.getByText('Done: 2 added').waitFor();
    await page.getByRole('row', { name: /Ada 에이다/ }).waitFor();
    await expectAccessible(page);
    await page.getByRole('combobox', { name: /^Role/ }).first().selectOption('student');
    await page.getByLabel('Name or address begins with').fill('bo');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByRole('row', { name: /Ada/ }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Grade book' }).click();
    await page.getByText('2 of 2 students').waitFor();
    await page.getByLabel('Search by name').fill('에이');
    await page.getByText('1 of 2 students').waitFor();
    await expectAccessible(page);
    expectNoFaults();
  }, 120_000);
});
