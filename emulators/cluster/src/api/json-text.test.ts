import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { duplicateFields } from '../schema/duplicates.js';
import { FieldSet } from './apply/field-set.js';
import { goJsonError } from './go-json.js';
import { jsonPatch } from './patch/json-patch.js';
import { mergePatch } from './patch/merge-patch.js';

describe('JSON texts', () => {
  test('a text that was written by JSON.stringify has no duplicate fields', () => {
    fc.assert(fc.property(fc.json(), (text) => duplicateFields(text).length === 0));
  });

  test('a field that occurs twice is found wherever it is', () => {
    expect(duplicateFields('{"a":[{"b":1,"b":2}],"c":{"\\u0064":1,"d":2}}')).toEqual(['a[0].b', 'c.d']);
  });

  test('what JSON.parse refuses is told in words, also when the text is cut anywhere', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (text, cut) => {
        const part = text.slice(0, cut % (text.length + 1));
        try {
          JSON.parse(part);
        } catch {
          expect(goJsonError(part)).toMatch(/^(unexpected end of JSON input|invalid character )/);
        }
      }),
    );
  });
});

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
    expect(() => jsonPatch({}, [{ op: 'add', path: '/__proto__/polluted', value: 1 }])).toThrow(
      'the server rejected our request',
    );
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
