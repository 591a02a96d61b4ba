import { expect, test } from '@jest/globals';
import { isAnswer } from './terminal-answers.js';

test.each([
  ['device attributes', '\x1b[?1;2c'],
  ['secondary device attributes', '\x1b[>0;276;0c'],
  ['status', '\x1b[0n'],
  ['position of the cursor', '\x1b[24;80R'],
  ['a mode', '\x1b[?2004;1$y'],
  ['a colour', '\x1b]11;rgb:0000/0000/0000\x1b\\'],
  ['a setting', '\x1bP1$r0m\x1b\\'],
])('%s is an answer', (_what, text) => {
  expect(isAnswer(text)).toBe(true);
});

test.each([
  'c',
  '\x1b',
  '\x1b[A',
  '\x1b[3~',
  '\x1b[1;5C',
  '\x1bOP',
  '\x1b]',
  '\x1bP',
  '\x1b[200~pasted\x1b[201~',
  'ls -la\r',
])('the key or paste %j is none', (text) => {
  expect(isAnswer(text)).toBe(false);
});
