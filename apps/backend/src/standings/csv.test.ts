import { expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvLine } from './csv.js';

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '\u200B=1', '＝1'])(
  'a spreadsheet reads %j as a text',
  (cell) => {
    expect(parse(csvLine([cell]))).toEqual([[`'${cell}`]]);
  },
);

test('any text comes back as it was, an apostrophe aside', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2 }), (cells) => {
      const [read]: string[][] = parse(csvLine(cells));
      expect(read).toHaveLength(cells.length);
      for (const [at, cell] of cells.entries()) expect([cell, `'${cell}`]).toContain(read?.[at]);
      for (const cell of read ?? []) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    }),
  );
});

test('numbers stay numbers, and nothing is nothing', () => {
  expect(csvLine([-1.5, true, null, 'a'])).toBe('-1.5,true,,a\r\n');
});
