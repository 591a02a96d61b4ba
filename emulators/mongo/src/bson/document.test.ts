import { expect, test } from '@jest/globals';
import { Binary, Long } from 'bson';
import fc from 'fast-check';
import { type Document, copyDocument, decode, encode, encodeStored } from './document.js';

const MiB = 1_024 * 1_024;

test('stores a document of almost 16 MiB', () => {
  expect(encodeStored({ text: 'x'.repeat(16 * MiB - 100) }).length).toBeLessThanOrEqual(16 * MiB);
});

test.each<[string, Document]>([
  ['one byte too many', { text: 'x'.repeat(16 * MiB - 15) }],
  ['a text larger than the buffer of the library', { text: 'x'.repeat(20 * MiB) }],
  ['a text that begins within it', { before: 'y'.repeat(10 * MiB), text: 'x'.repeat(20 * MiB), after: 1 }],
  ['letters of several bytes', { text: '€'.repeat(6 * MiB) }],
  ['bytes', { bytes: new Binary(new Uint8Array(20 * MiB)) }],
  ['many small values', { values: Array.from({ length: 1_600_000 }, (_, i) => Long.fromNumber(i)) }],
])('refuses a larger one: %s', (_, document) => {
  expect(() => encodeStored(document)).toThrow(expect.objectContaining({ code: 10_334 }));
});

const values = fc.letrec((tie) => ({
  value: fc.oneof(fc.integer(), fc.string(), fc.constant(null), tie('list'), tie('document')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  document: fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('value'), { maxKeys: 4 }),
}));

test('a copy holds the same, and changing its containers leaves the original alone', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), values.value, { maxKeys: 4 }), (made) => {
      // As it comes out of the database: keys without the zero byte that BSON cannot hold.
      fc.pre(!JSON.stringify(made).includes('\\u0000'));
      const original = decode(encode(made));
      const bytes = Buffer.from(encode(original)).toString('hex');
      const copy = copyDocument(original);
      expect(Buffer.from(encode(copy)).toString('hex')).toBe(bytes);
      empty(copy);
      expect(Buffer.from(encode(original)).toString('hex')).toBe(bytes);
    }),
  );
});

function empty(container: object): void {
  for (const [name, value] of Object.entries(container)) {
    if (Array.isArray(value)) value.length = 0;
    else if (typeof value === 'object' && value !== null) empty(value);
    Reflect.deleteProperty(container, name);
  }
}
