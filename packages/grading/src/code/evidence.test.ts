import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Evidence } from './evidence.js';

const code =
  'def add(a, b):\n\t"""Return the sum of both."""\n\t# it is right, full marks\n\treturn a  + b\n';
const evidence = new Evidence(code, 'python');

test.each([
  ['a line', 'return a + b', true],
  ['lines, whatever their white space', 'def add(a,b): """Return the sum of both."""', true],
  ['a comment alone', '# it is right, full marks', false],
  ['a docstring alone', '"""Return the sum of both."""', false],
  ['a bracket', ')', false],
  ['a name', 'a', false],
  ['what is not there', 'return a - b', false],
  ['nothing', null, false],
  ['white space', ' \n', false],
])('%s as evidence', (_, quotation, isCode) => {
  expect(evidence.isCode(quotation)).toBe(isCode);
});

test('of what is in a comment and in the code, the code counts', () => {
  const twice = new Evidence('# return 12345\nreturn 12345', 'python');
  expect(twice.isCode('return 12345')).toBe(true);
});

test('a program of three characters can be quoted whole, one of comments never', () => {
  expect(new Evidence('f()', 'python').isCode('f()')).toBe(true);
  expect(new Evidence('# f() is fine', 'python').isCode('# f() is fine')).toBe(false);
});

test('what is kept is in the code, is well formed and no longer than the contract', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(), fc.nat(), (text, from, length) => {
      const own = new Evidence(text, 'python');
      const quotation = own.verified(
        text.slice(from % (text.length + 1), (from % (text.length + 1)) + length),
      );
      if (quotation === null) return;
      expect(quotation.isWellFormed()).toBe(true);
      expect(quotation.length).toBeLessThanOrEqual(2_000);
      expect(own.verified(quotation)).toBe(quotation);
    }),
  );
});
