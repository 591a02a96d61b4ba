import fc from 'fast-check';
import type { Json } from '../document/document.js';
import type { KnownValues } from './known.js';
import type { Random } from './random.js';

const refPrefix = '#/components/schemas/';
const mostItems = 4;
const mostLetters = 60;

/** Makes values that fit a JSON Schema of the document (the keywords that Zod writes). */
export class ValidValues {
  readonly #patterns = new Map<string, fc.Arbitrary<string>>();

  private readonly schemas: Readonly<Record<string, Json>>;
  private readonly known: KnownValues;
  private readonly random: Random;

  constructor(schemas: Readonly<Record<string, Json>>, known: KnownValues, random: Random) {
    this.schemas = schemas;
    this.known = known;
    this.random = random;
  }

  /** @param name of the field the value is for: a known one is preferred */
  of(schema: Json, name = ''): unknown {
    const { random } = this;
    if (random.chance(0.75)) {
      const known = this.known.pick(name, random);
      if (known !== undefined) return known;
    }
    const { $ref: ref, const: constant, enum: choices, examples, anyOf, oneOf } = schema;
    if (typeof ref === 'string') return this.of(this.schemas[ref.slice(refPrefix.length)] ?? {}, name);
    if (constant !== undefined) return constant;
    if (isList(choices)) return random.pick(choices);
    if (isList(examples) && random.chance(0.3)) return random.pick(examples);
    for (const branches of [anyOf, oneOf]) {
      if (isList(branches)) return this.of(toSchema(random.pick(branches)), name);
    }
    return this.#ofType(schema);
  }

  #ofType(schema: Json): unknown {
    const { type } = schema;
    switch (isList(type) ? this.random.pick(type) : type) {
      case 'object':
        return this.#object(schema);
      case 'array':
        return this.#array(schema);
      case 'string':
        return this.#string(schema);
      case 'integer':
      case 'number':
        return this.#number(schema, type === 'integer');
      case 'boolean':
        return this.random.chance(0.5);
      case 'null':
        return null;
      default:
        return this.#string({});
    }
  }

  #object({ properties = {}, required }: Json): Json {
    return Object.fromEntries(
      Object.entries(toSchema(properties)).flatMap(([name, property]) => {
        const needed = isList(required) && required.includes(name);
        return needed || this.random.chance(0.4) ? [[name, this.of(toSchema(property), name)]] : [];
      }),
    );
  }

  #array({ items, minItems, maxItems }: Json): unknown[] {
    const least = numberOr(minItems, 0);
    const length = this.random.whole(
      least,
      Math.max(least, Math.min(numberOr(maxItems, mostItems), mostItems)),
    );
    return Array.from({ length }, () => this.of(toSchema(items)));
  }

  #string({ pattern, format, minLength, maxLength }: Json): string {
    if (format === 'date-time') return new Date(this.random.whole(0, 4_102_444_800_000)).toISOString();
    if (typeof pattern === 'string') return this.#matching(pattern);
    const least = numberOr(minLength, 0);
    const most = Math.max(least, Math.min(numberOr(maxLength, mostLetters), mostLetters));
    return this.#sample(
      fc.string({
        minLength: least,
        maxLength: most,
        unit: this.random.pick(['grapheme', 'grapheme-ascii']),
      }),
    );
  }

  #matching(pattern: string): string {
    const known = this.#patterns.get(pattern);
    const made = known ?? fc.stringMatching(new RegExp(pattern, 'u'));
    if (known === undefined) this.#patterns.set(pattern, made);
    return this.#sample(made);
  }

  #number({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Json, whole: boolean): number {
    const least = numberOr(minimum, numberOr(exclusiveMinimum, -1_001) + 1);
    const most = numberOr(maximum, numberOr(exclusiveMaximum, Math.max(least, 0) + 1_000));
    // The edges are where bounds are wrong by one.
    const value = this.random.pick([least, most, least + (most - least) * this.random.next()]);
    return whole ? Math.round(value) : value;
  }

  #sample(strings: fc.Arbitrary<string>): string {
    return fc.sample(strings, { numRuns: 1, seed: this.random.whole(0, 2 ** 31 - 1) })[0] ?? '';
  }
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length > 0;
}

/** Anything that is no schema allows everything, as `{}` does. */
function toSchema(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

const numberOr = (value: unknown, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;
