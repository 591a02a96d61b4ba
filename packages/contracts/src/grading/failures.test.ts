import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  Failure,
  FailureCode,
  byExitCode,
  byReason,
  definitionOf,
  failure,
  lateFailure,
  maxMessage,
} from './failure.js';
import { ExitCode } from './exit-codes.js';
import { gracePeriods } from './failure-definition.js';
import { failuresAsMarkdown } from './failures-document.js';

test.each(FailureCode.options)('%s has a sentence without a full stop and fits the contract', (code) => {
  expect(definitionOf(code).sentence).toMatch(/^[A-Z].*[^.\s]$/);
  expect(Failure.parse(failure(code))).toEqual(failure(code));
});

test('every reason of the cluster means one failure, and a reason with the name of a failure means that one', () => {
  const reasons = FailureCode.options.flatMap((code) => Object.keys(definitionOf(code).reasons ?? {}));
  expect(reasons.toSorted()).toEqual([...byReason.keys()].toSorted());
  for (const code of FailureCode.options) {
    if (byReason.has(code)) expect(byReason.get(code)?.code).toBe(code);
  }
});

test('every exit code of the runner but 0 means one failure', () => {
  expect([0, ...byExitCode.keys()].toSorted((a, b) => a - b)).toEqual(Object.values(ExitCode));
});

test('every grace period is for something', () => {
  const used = new Set([...byReason.values()].flatMap(({ grace }) => grace ?? []));
  expect([...used].toSorted()).toEqual(Object.keys(gracePeriods).toSorted());
});

test.each([
  ['queued', 'queue_timeout'],
  ['scheduled', 'start_timeout'],
  ['running', 'deadline_exceeded'],
] as const)('an attempt that stays %s for too long fails as %s', (status, code) => {
  expect(lateFailure(status, '10 minutes')).toMatchObject({
    code,
    message: expect.stringMatching(/ within 10 minutes\.$/),
  });
});

test('whatever the cluster says, the sentence ends with one full stop and fits', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FailureCode.options), fc.string({ maxLength: 4_000 }), (code, because) => {
      const { message } = Failure.parse(failure(code, { because }));
      expect(message.length).toBeLessThanOrEqual(maxMessage);
      expect(message.endsWith('.')).toBe(true);
    }),
  );
});

test.each([
  ['invalid_image_name', 'image_name_invalid'],
  ['missing_secret', 'secret_missing'],
  ['missing_config', 'config_map_missing'],
])('%s of an earlier version is read as %s', (former, code) => {
  expect(Failure.parse({ code: former, message: 'It failed.', retryable: false }).code).toBe(code);
});

test('docs/failures.md shows the table', async () => {
  const page = await readFile(new URL('../../../../docs/failures.md', import.meta.url), 'utf8');
  expect(page.split('<!-- table -->\n')[1]).toBe(`\n${failuresAsMarkdown()}`);
});
