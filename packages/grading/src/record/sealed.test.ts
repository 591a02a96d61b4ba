import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openRecord, recordKeyOf, sealRecord } from './sealed.js';

const secret = 'a secret of the backend, long enough';
const owner = { submissionId: '66f0c0ffee00000000000001', attempt: 1 };
const key = recordKeyOf(secret, owner);
const text = '{"code":"return 1","ü":"😀"}';

test('what is sealed opens again, and says nothing meanwhile', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (any, attempt) => {
      const one = { ...owner, attempt };
      const its = recordKeyOf(secret, one);
      expect(openRecord(sealRecord(any, its, one), its, one)).toBe(any);
    }),
  );
  const sealed = sealRecord(text, key, owner);
  expect(Buffer.from(sealed.slice(3), 'base64url').toString('latin1')).not.toContain('return 1');
  expect(sealRecord(text, key, owner)).not.toBe(sealed);
});

describe('does not open', () => {
  const sealed = sealRecord(text, key, owner);
  const older = { ...owner, attempt: 2 };
  const other = { ...owner, submissionId: '66f0c0ffee00000000000002' };

  test.each([
    ['a record from before records were sealed', text],
    ['nothing', ''],
    ['an empty seal', 'v1.'],
    ['the record of another submission', sealRecord(text, recordKeyOf(secret, other), other)],
    ['the record of another attempt', sealRecord(text, recordKeyOf(secret, older), older)],
    ['what was sealed for this key, but as another attempt', sealRecord(text, key, older)],
    ['what another secret sealed', sealRecord(text, recordKeyOf(`${secret}!`, owner), owner)],
  ])('%s', (_, given) => {
    expect(openRecord(given, key, owner)).toBeUndefined();
  });

  test('a record with any of its bytes changed, or cut anywhere', () => {
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ difference;
        expect(openRecord(`v1.${changed.toString('base64url')}`, key, owner)).toBeUndefined();
        const cut = bytes.subarray(0, at).toString('base64url');
        expect(openRecord(`v1.${cut}`, key, owner)).toBeUndefined();
      }),
    );
  });

  test('with a key that is none', () => {
    expect(openRecord(sealed, 'short', owner)).toBeUndefined();
  });
});
