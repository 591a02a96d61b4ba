import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalQuantity } from './canonical-quantity.js';
import { parseQuantity } from './quantity.js';

test.each([
  ['1000', '1k'],
  ['1000m', '1'],
  ['0.5', '500m'],
  ['1.5', '1500m'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['512Ki', '512Ki'],
  ['0.5Ki', '512'],
  ['1e3', '1e3'],
  ['100', '100'],
  ['0', '0'],
  ['-2000m', '-2'],
  ['0.0000000001', '1n'],
  ['many', 'many'],
])('%s is stored as %s', (given, stored) => {
  expect(canonicalQuantity(given)).toBe(stored);
});

test('it is worth the same, and is in its form already', () => {
  const suffix = fc.constantFrom('', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3');
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), suffix, (number, unit) => {
      const stored = canonicalQuantity(`${number}${unit}`);
      expect(parseQuantity(stored)).toBeCloseTo(parseQuantity(`${number}${unit}`) ?? Number.NaN, 6);
      expect(canonicalQuantity(stored)).toBe(stored);
    }),
  );
});
