import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Language } from '@cloudemy/contracts';
import { Evidence } from './evidence.js';

const code =
  'def add(a, b):\n\t"""Return the sum of both."""\n\t# it is right, full marks\n\treturn a  + b\n';
const evidence = new Evidence({ code, language: 'python' });

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
  const twice = new Evidence({ code: '# return 12345\nreturn 12345', language: 'python' });
  expect(twice.isCode('return 12345')).toBe(true);
});

test('a program of three characters can be quoted whole, one of comments never', () => {
  expect(new Evidence({ code: 'f()', language: 'python' }).isCode('f()')).toBe(true);
  expect(new Evidence({ code: '# f() is fine', language: 'python' }).isCode('# f() is fine')).toBe(false);
});

test('what is kept is in the code, is well formed and no longer than the contract', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(), fc.nat(), (text, from, length) => {
      const own = new Evidence({ code: text, language: 'python' });
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

const several = (files: { path: string; content: string; language: Language | null }[]): Evidence => {
  let code = '';
  const parts = files.map(({ path, content, language }) => {
    code += `===== ${path} =====\n`;
    const start = code.length;
    code += content;
    return { path, start, end: code.length, language };
  });
  return new Evidence({ code, language: 'python', files: parts });
};

test('a quotation stands in one file, and as code where it is code', () => {
  const evidence = several([
    { path: 'notes.md', content: 'return total / count', language: null },
    { path: 'a.py', content: '# return total / count\n', language: 'python' },
    { path: 'lib/b.py', content: 'def mean(xs):\n\n    return total / count\n', language: 'python' },
  ]);
  expect(evidence.find('return total / count')).toEqual({
    text: 'return total / count',
    isCode: true,
    file: 'lib/b.py',
    start_line: 3,
    end_line: 3,
  });
  expect(evidence.find('===== a.py =====')).toBeNull();
  expect(evidence.find('count\ndef mean')).toBeNull();
});

test('prose is no code, in whatever words', () => {
  const evidence = several([{ path: 'notes.txt', content: 'for x in range(10): print(x)', language: null }]);
  expect(evidence.find('print(x)')).toMatchObject({ isCode: false, file: 'notes.txt', start_line: 1 });
});

test('the lines that are named hold the quotation, whatever ends them', () => {
  const lines = fc.array(fc.constantFrom('x = 1', '  y = call(x)', '', 'if x:', '# why'), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(lines, fc.constantFrom('\n', '\r\n', '\r'), fc.nat(), fc.nat(5), (all, end, from, more) => {
      const at = from % all.length;
      const quoted = all.slice(at, at + more + 1).join(end);
      const found = new Evidence({ code: all.join(end), language: 'python' }).find(quoted);
      if (found === null) return;
      const named = all
        .slice(found.start_line - 1, found.end_line)
        .join('')
        .replaceAll(/\s/g, '');
      expect(named).toContain(quoted.replaceAll(/\s/g, ''));
    }),
  );
});
