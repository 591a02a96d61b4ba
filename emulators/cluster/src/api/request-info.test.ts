import { expect, test } from '@jest/globals';
import { flag } from './request-info.js';

test.each([
  ['', false],
  ['tty=0', false],
  ['tty=false', false],
  ['tty=False', false],
  ['tty=', true],
  ['tty=1', true],
  ['tty=True', true],
  ['tty=no', true],
])('the flag of "%s" is %s, as with a real server', (query, expected) => {
  expect(flag(new URLSearchParams(query), 'tty')).toBe(expected);
});
