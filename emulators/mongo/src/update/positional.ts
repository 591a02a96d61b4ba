import { type Document, isDocument } from '../bson/document.js';
import { field } from '../bson/paths.js';
import { CommandError } from '../errors.js';
import { compileCondition, compileElement, compileFilter } from '../query/matcher.js';
import { isOperatorDocument } from '../query/operators.js';
import type { PositionalContext } from './paths.js';

/**
 * Resolves the positional operators of one update.
 * @param document the document before the update
 * @throws CommandError 9 for array filters that are malformed
 */
export function positionalContext(
  document: Document,
  filter: Document,
  arrayFilters: unknown,
): PositionalContext {
  const named = parseArrayFilters(arrayFilters);
  return {
    positionOf: (arrayPath) => matchedPosition(document, filter, arrayPath),
    arrayFilter(name) {
      const accepts = named.get(name);
      if (!accepts) throw new CommandError(2, `No array filter found for identifier '${name}'`);
      return accepts;
    },
  };
}

function parseArrayFilters(input: unknown): Map<string, (item: unknown) => boolean> {
  const named = new Map<string, (item: unknown) => boolean>();
  if (input === undefined) return named;
  if (!Array.isArray(input)) throw new CommandError(14, 'arrayFilters must be an array');
  for (const filter of input as unknown[]) {
    if (!isDocument(filter)) throw new CommandError(14, 'each array filter must be an object');
    const name = firstName(filter);
    if (name === undefined)
      throw new CommandError(9, 'Cannot use an expression without a top-level field name in arrayFilters');
    if (named.has(name))
      throw new CommandError(9, `Found multiple array filters with the same top-level field name ${name}`);
    const matches = compileFilter(filter);
    named.set(name, (item) => matches({ [name]: item }));
  }
  return named;
}

function firstName(filter: Document): string | undefined {
  for (const [key, value] of Object.entries(filter)) {
    if (!key.startsWith('$')) return key.split('.')[0];
    const inner: unknown = Array.isArray(value) ? value[0] : undefined;
    if (isDocument(inner)) return firstName(inner);
  }
  return undefined;
}

/** The first element that satisfies what the filter says of the array at the path. */
function matchedPosition(document: Document, filter: Document, arrayPath: string): number | undefined {
  const array = arrayPath
    .split('.')
    .reduce<unknown>((value, part) => (isDocument(value) ? field(value, part) : undefined), document);
  if (!Array.isArray(array)) return undefined;
  for (const [key, condition] of Object.entries(filter)) {
    if (key === '$and' && Array.isArray(condition)) {
      for (const branch of condition.filter(isDocument)) {
        const found = matchedPosition(document, branch, arrayPath);
        if (found !== undefined) return found;
      }
    }
    const accepts = elementTest(key, condition, arrayPath);
    const found = accepts ? array.findIndex(accepts) : -1;
    if (found >= 0) return found;
  }
  return undefined;
}

function elementTest(
  key: string,
  condition: unknown,
  arrayPath: string,
): ((item: unknown) => boolean) | undefined {
  if (key === arrayPath) {
    if (isOperatorDocument(condition) && '$elemMatch' in condition)
      return compileElement(condition['$elemMatch']);
    const test = compileCondition(condition);
    return (item) => test([item]);
  }
  if (!key.startsWith(`${arrayPath}.`)) return undefined;
  return compileFilter({ [key.slice(arrayPath.length + 1)]: condition });
}
