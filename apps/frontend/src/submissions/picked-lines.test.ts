import { expect, test } from '@jest/globals';
import { withLine } from './picked-lines.ts';

test('lines are picked one by one, or with all between; another file begins anew', () => {
  const one = withLine(undefined, 'a.py', 5, true);
  expect(one).toEqual({ file: 'a.py', from: 5, to: 5 });
  expect(withLine(one, 'a.py', 2, true)).toEqual({ file: 'a.py', from: 2, to: 5 });
  expect(withLine(one, 'a.py', 9, true)).toEqual({ file: 'a.py', from: 5, to: 9 });
  expect(withLine(one, 'a.py', 9, false)).toEqual({ file: 'a.py', from: 9, to: 9 });
  expect(withLine(one, 'b.py', 9, true)).toEqual({ file: 'b.py', from: 9, to: 9 });
});
