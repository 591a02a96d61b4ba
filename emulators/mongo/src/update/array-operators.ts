import { isDocument } from '../bson/document.js';
import { equalValues } from '../bson/order.js';
import { CommandError } from '../errors.js';
import { compileCondition, compileFilter } from '../query/matcher.js';
import { isOperatorDocument } from '../query/operators.js';
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

/** `$push`, one value or `$each` of several. */
export function push(path: string, operand: unknown): Edit {
  const items = eachOf('$push', operand);
  const beyond = isDocument(operand) && '$each' in operand ? Object.keys(operand)[1] : undefined;
  if (beyond !== undefined) {
    throw new CommandError(115, `${beyond} in $push is not offered by this emulator`);
  }
  return (current) => [...(arrayAt('$push', path, current) ?? []), ...items];
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
