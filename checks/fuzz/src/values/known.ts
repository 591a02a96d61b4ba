import type { Random } from './random.js';

const mostPerName = 40;

/** A header and a cursor go by other names where they come from: `result_token`, `next_cursor`. */
const nameOf = (field: string): string =>
  field
    .toLowerCase()
    .replaceAll('-', '_')
    .replace(/^(x|next)_/, '');

/**
 * Values that mean something to the service, by the name of the field they go into: some given from the start,
 * and those its answers held, so that a fuzzed call meets what an earlier one made.
 */
export class KnownValues {
  readonly #byName = new Map<string, unknown[]>();
  readonly #wanted: ReadonlySet<string>;

  private readonly given: Readonly<Record<string, readonly unknown[]>>;

  /**
   * @param given never displaced by what is learned
   * @param wanted names worth learning: those of the parameters
   */
  constructor(given: Readonly<Record<string, readonly unknown[]>>, wanted: Iterable<string>) {
    this.given = given;

    this.#wanted = new Set([...wanted].map((name) => nameOf(name)));
  }

  pick(field: string, random: Random): unknown {
    const name = nameOf(field);
    const given = Object.hasOwn(this.given, name) ? this.given[name] : undefined;
    const learned = this.#byName.get(name) ?? [];
    // What came last belongs together: a token to the submission beside it.
    if (learned.length > 0 && random.chance(0.4)) return learned.at(-1);
    const values = [...(given ?? []), ...learned];
    return values.length === 0 ? undefined : random.pick(values);
  }

  /** Takes what is of use out of an answer. */
  learn(answer: unknown): void {
    if (Array.isArray(answer)) for (const item of answer) this.learn(item);
    else if (typeof answer === 'object' && answer !== null) {
      for (const [field, value] of Object.entries(answer)) {
        const name = nameOf(field);
        if (typeof value === 'string' && this.#wanted.has(name)) this.#keep(name, value);
        else this.learn(value);
      }
    }
  }

  #keep(name: string, value: string): void {
    const values = (this.#byName.get(name) ?? []).filter((known) => known !== value);
    this.#byName.set(name, [...values.slice(1 - mostPerName), value]);
  }
}
