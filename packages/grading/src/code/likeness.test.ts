import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { likenessOf } from './likeness.js';

const python = (code: string) => likenessOf({ code, language: 'python' });

test('comments, blank lines and spaces make no difference; names and indentation do', () => {
  const one = 'def f(a):\n    return a  # done\n';
  expect(python('# mine\r\ndef  f(a):\r\n\r\n\treturn   a\r\n')).toBe(python(one));
  expect(python('def f(b):\n    return b\n')).not.toBe(python(one));
  expect(python('def f(a):\nreturn a\n')).not.toBe(python(one));
  expect(python('x = "# no comment"')).not.toBe(python('x = "'));
});

test('of several files each counts, whatever they are called', () => {
  const files = (path: string) => [
    { path, start: 0, end: 2, language: 'python' as const },
    { path: 'b.txt', start: 2, end: 3, language: null },
  ];
  const of = (path: string, code: string) => likenessOf({ code, language: 'python', files: files(path) });
  expect(of('a.py', 'x\ny')).toBe(of('other.py', 'x\ny'));
  expect(of('a.py', 'x\ny')).not.toBe(of('a.py', 'x\nz'));
});

test('any text is like itself with more empty lines and spaces behind', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z =()]{0,20}$/)), (lines) => {
      expect(python(lines.map((line) => `${line}  \n\n`).join('\n'))).toBe(python(lines.join('\n')));
    }),
  );
});
