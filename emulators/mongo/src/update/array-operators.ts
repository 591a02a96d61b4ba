import { isDocument } from '../bson/document.js';
import { toNumber } from '../bson/numbers.js';
import { compareValues, equalValues } from '../bson/order.js';
import { CommandError } from '../errors.js';
import { compileCondition, compileFilter } from '../query/matcher.js';
import { isOperatorDocument } from '../query/operators.js';
import { parseSort, sortDocuments } from '../query/sort.js';
import type { Edit } from './paths.js';

function arrayAt(operator: string, path: string, current: unknown): unknown[] | undefined {
  if (current === undefined) return undefined;
  if (!Array.isArray(current))
    throw new CommandError(2, `The field '${path}' must be an array but is not; ${operator}`);
  return current;
}

function eachOf(operator: string, operand: unknown): unknown[] {
  if (!isDocument(operand) || !('$each' in operand)) return [operand];
  if (!Array.isArray(operand['$each']))
    throw new CommandError(2, `The argument to $each in ${operator} must be an array`);
  return operand['$each'];
}

/** `$push` with `$each`, `$position`, `$sort` and `$slice`. */
export function push(path: string, operand: unknown): Edit {
  const items = eachOf('$push', operand);
  const options = isDocument(operand) && '$each' in operand ? operand : {};
  for (const name of Object.keys(options)) {
    if (!['$each', '$position', '$sort', '$slice'].includes(name)) {
      throw new CommandError(2, `Unrecognized clause in $push: ${name}`);
    }
  }
  return (current) => {
    const list = [...(arrayAt('$push', path, current) ?? [])];
    list.splice(toNumber(options['$position']) ?? list.length, 0, ...items);
    const sorted = options['$sort'] === undefined ? list : sortItems(list, options['$sort']);
    const keep = toNumber(options['$slice']);
    if (keep === undefined) return sorted;
    return keep < 0 ? sorted.slice(keep) : sorted.slice(0, keep);
  };
}

function sortItems(list: unknown[], order: unknown): unknown[] {
  const direction = toNumber(order);
  if (direction !== undefined) return list.toSorted((a, b) => compareValues(a, b) * direction);
  const items = list.map((item) => ({ item, document: isDocument(item) ? item : {} }));
  return sortDocuments(items, parseSort(order)).map(({ item }) => item);
}

/** `$addToSet`, one value or `$each`. */
export function addToSet(path: string, operand: unknown): Edit {
  const items = eachOf('$addToSet', operand);
  return (current) => {
    const list = arrayAt('$addToSet', path, current) ?? [];
    const added = [...list];
    for (const item of items) if (!added.some((other) => equalValues(other, item))) added.push(item);
    return added.length === list.length && current !== undefined ? current : added;
  };
}

/** `$pull`: a value, operators on the element, or a filter on its fields. */
export function pull(path: string, operand: unknown): Edit {
  let matches: (item: unknown) => boolean;
  if (isDocument(operand) && !isOperatorDocument(operand)) {
    const filter = compileFilter(operand);
    matches = (item) => isDocument(item) && filter(item);
  } else {
    const test = compileCondition(operand);
    matches = (item) => test([item]);
  }
  return (current) => without('$pull', path, current, matches);
}

/** `$pullAll`: every element equal to one of the values. */
export function pullAll(path: string, operand: unknown): Edit {
  if (!Array.isArray(operand)) throw new CommandError(2, '$pullAll requires an array argument');
  return (current) =>
    without('$pullAll', path, current, (item) => operand.some((value) => equalValues(value, item)));
}

function without(
  operator: string,
  path: string,
  current: unknown,
  drop: (item: unknown) => boolean,
): unknown {
  const list = arrayAt(operator, path, current);
  const kept = list?.filter((item) => !drop(item));
  return kept?.length === list?.length ? current : kept;
}

/** `$pop`: -1 the first element, 1 the last. */
export function pop(path: string, operand: unknown): Edit {
  const side = toNumber(operand);
  if (side !== 1 && side !== -1) throw new CommandError(9, '$pop expects 1 or -1');
  return (current) => {
    const list = arrayAt('$pop', path, current);
    return side === 1 ? list?.slice(0, -1) : list?.slice(1);
  };
}
