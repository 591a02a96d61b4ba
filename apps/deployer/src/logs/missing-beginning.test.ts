import { expect, test } from '@jest/globals';
import { missingBeginning } from './missing-beginning.js';

const startedAt = '2026-01-01T00:00:00Z';
const at = (seconds: number): string =>
  `${new Date(Date.parse(startedAt) + seconds * 1_000).toISOString().slice(0, -1)}000000Z`;

test.each([
  ['a flood whose first lines are seconds after the start has lost its beginning', 64_000, 4, 4.01, 4],
  ['a program that wrote at this pace for an hour has, too', 64_000, 3_600, 3_610, 3_600],
  ['a flood that begins with its container is whole', 64_000, 0.2, 0.21, undefined],
  ['a few lines after a long calculation are whole', 500, 3_600, 3_600.001, undefined],
  ['a slow program that began a little late is whole', 64_000, 10, 70, undefined],
])('%s', (_what, bytes, from, to, silence) => {
  expect(missingBeginning({ bytes, from: at(from), to: at(to) }, startedAt)).toBe(silence);
});

test('of a container whose start is not known nothing is said', () => {
  expect(missingBeginning({ bytes: 64_000, from: at(4), to: at(4.01) }, undefined)).toBeUndefined();
});
