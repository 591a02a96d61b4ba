import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plainOf, spansOf } from './ansi.ts';

test('colours become classes, and what is no colour is left out', () => {
  expect(spansOf('\u001B[1;31mFAILED\u001B[0m in \u001B[38;5;10m3 ms\u001B[2K')).toEqual([
    { text: 'FAILED', look: 'fg-1 bold' },
    { text: ' in ', look: '' },
    { text: '3 ms', look: 'fg-10' },
  ]);
});

test('a progress line shows its last state', () => {
  expect(plainOf('10 %\r50 %\r100 %\r')).toBe('100 %');
});

test('what turns the order of characters around is spelled out', () => {
  expect(spansOf('a\u202Eb')).toEqual([{ text: 'a[U+202E]b', look: '' }]);
});

test('whatever a program prints, the spans hold what is left without escapes', () => {
  const piece = fc.constantFrom(
    '\u001B[',
    '\u001B]0;',
    '31',
    ';',
    'm',
    '\r',
    'text',
    '\u0007',
    '한',
    '38;5;',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const line = pieces.join('');
      const shown = spansOf(line).map(({ text }) => text);
      expect(shown.join('')).toBe(plainOf(line));
      expect(shown).not.toContain('');
    }),
    { numRuns: 300 },
  );
});
