import { Timestamp } from 'bson';
import { type Document, isDocument } from '../bson/document.js';
import { compareValues } from '../bson/order.js';
import { valuesAt } from '../bson/paths.js';
import { CommandError } from '../errors.js';
import { assertNumeric, bitwise, calculate, zeroLike } from './arithmetic.js';
import { addToSet, pop, pull, pullAll, push } from './array-operators.js';
import { type Edit, editAt, type PositionalContext } from './paths.js';

/**
 * Applies update operators to a document in place.
 * @param inserting true for an upsert that creates the document, when `$setOnInsert` counts
 * @throws CommandError 9 for an unknown operator, 40 when two operators touch one path
 */
export function applyOperators(
  document: Document,
  update: Document,
  context: PositionalContext,
  inserting: boolean,
): void {
  const touched: string[] = [];
  for (const [operator, operand] of Object.entries(update)) {
    if (!isDocument(operand)) {
      throw new CommandError(9, `Modifiers operate on fields but we found another type for: ${operator}`);
    }
    for (const [path, value] of Object.entries(operand)) {
      claim(touched, path);
      if (operator === '$setOnInsert' && !inserting) continue;
      if (operator === '$rename') rename(document, path, value, context);
      else editAt(document, path, editFor(operator, path, value), context);
    }
  }
}

function claim(touched: string[], path: string): void {
  const conflicting = touched.find(
    (other) => other === path || other.startsWith(`${path}.`) || path.startsWith(`${other}.`),
  );
  if (conflicting !== undefined) {
    throw new CommandError(40, `Updating the path '${path}' would create a conflict at '${conflicting}'`);
  }
  touched.push(path);
}

function editFor(operator: string, path: string, value: unknown): Edit {
  switch (operator) {
    case '$set':
    case '$setOnInsert':
      return () => value;
    case '$unset':
      return () => undefined;
    case '$inc':
    case '$mul':
      assertNumeric(operator, path, value);
      return (current) => {
        if (current === undefined) return operator === '$inc' ? value : zeroLike(value);
        assertNumeric(operator, path, current);
        return calculate(operator, current, value);
      };
    case '$min':
      return (current) => (current === undefined || compareValues(value, current) < 0 ? value : current);
    case '$max':
      return (current) => (current === undefined || compareValues(value, current) > 0 ? value : current);
    case '$currentDate':
      return currentDate(value);
    case '$bit':
      return bit(path, value);
    case '$push':
      return push(path, value);
    case '$addToSet':
      return addToSet(path, value);
    case '$pull':
      return pull(path, value);
    case '$pullAll':
      return pullAll(path, value);
    case '$pop':
      return pop(path, value);
    default:
      throw new CommandError(
        9,
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
  }
}

function currentDate(value: unknown): Edit {
  const type = isDocument(value) ? value['$type'] : value === true ? 'date' : undefined;
  if (type === 'date') return () => new Date();
  if (type === 'timestamp') return () => new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 });
  throw new CommandError(2, "$currentDate accepts true or {$type: 'date' | 'timestamp'}");
}

function bit(path: string, operand: unknown): Edit {
  if (!isDocument(operand)) throw new CommandError(2, `$bit needs {and | or | xor: integer} for '${path}'`);
  const operations = Object.entries(operand);
  for (const [, value] of operations) assertNumeric('$bit', path, value);
  return (current) => {
    if (current !== undefined) assertNumeric('$bit', path, current);
    return operations.reduce<unknown>((value, [operation, mask]) => bitwise(value, operation, mask), current);
  };
}

function rename(document: Document, from: string, to: unknown, context: PositionalContext): void {
  if (typeof to !== 'string' || to === '' || to === from) {
    throw new CommandError(2, `The 'to' field for $rename must be another field name: ${from}`);
  }
  const [value] = valuesAt(document, from.split('.'));
  if (value === undefined) return;
  editAt(document, from, () => undefined, context);
  editAt(document, to, () => value, context);
}
