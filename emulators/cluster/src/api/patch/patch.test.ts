import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FieldSet } from '../apply/field-set.js';
import { mergePatch } from './merge-patch.js';

describe('patches', () => {
  test('a merge patch of an object with itself changes nothing', () => {
    const object = fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(fc.string(), fc.integer()));
    fc.assert(
      fc.property(object, (value) => {
        expect(mergePatch(value, value)).toEqual(value);
      }),
    );
  });

  test('a key that reaches for the prototype reaches nothing', () => {
    mergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}'));
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('field sets', () => {
  const path = fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"name":"c"}'), { minLength: 1, maxLength: 3 });
  const set = fc.array(path).map((paths) => {
    const result = new FieldSet();
    for (const steps of paths) {
      let node = result;
      for (const step of steps) {
        node = node.child(step);
      }
      node.member = true;
    }
    return result;
  });

  test('fieldsV1 reads back as it was written', () => {
    fc.assert(
      fc.property(set, (fields) => {
        expect(FieldSet.parse(fields.toFieldsV1()).toFieldsV1()).toEqual(fields.toFieldsV1());
      }),
    );
  });

  test('what is in a set but not in another, and what is in both, make the set again', () => {
    fc.assert(
      fc.property(set, set, (left, right) => {
        const again = left.difference(right).union(left.intersection(right));
        expect(again.paths().toSorted()).toEqual(left.paths().toSorted());
      }),
    );
  });
});
