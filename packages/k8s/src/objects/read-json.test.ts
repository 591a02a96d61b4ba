import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readJson } from './read-json.js';

/** Every value below a value, itself included. */
function everything(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null
    ? [value, ...Object.values(value).flatMap((child) => everything(child))]
    : [value];
}

describe('what the API server sent', () => {
  it('has no field that is null', () => {
    expect(readJson('{"startedAt":null,"state":{"terminated":null},"pods":[{"ip":null},null]}')).toEqual({
      state: {},
      pods: [{}, null],
    });
  });

  it('is kept as it is but for its nulls', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const before = everything(value).filter((one) => one !== null && typeof one !== 'object');
        const after = everything(readJson(JSON.stringify(value)));
        expect(after.filter((one) => one !== null && one !== undefined && typeof one !== 'object')).toEqual(
          before.map((one) => (Object.is(one, -0) ? 0 : one)),
        );
      }),
    );
  });

  it('may be nested as deep as a server sends', () => {
    const deep = `${'{"a":'.repeat(20_000)}null${'}'.repeat(20_000)}`;
    expect(() => readJson(deep)).not.toThrow();
  });
});
