import { type Document, isDocument } from '../bson/document.js';
import { compareValues } from '../bson/order.js';
import { CommandError } from '../errors.js';
import { add, assertNumeric } from './arithmetic.js';
import { addToSet, pull, push } from './array-operators.js';
import { type Edit, editAt } from './paths.js';

/**
 * Applies update operators to a document in place.
 * @param inserting true for an upsert that creates the document, when `$setOnInsert` counts
 * @throws CommandError 9 for an unknown operator, 40 when two operators touch one path
 */
export function applyOperators(document: Document, update: Document, inserting: boolean): void {
  const touched: string[] = [];
  for (const [operator, operand] of Object.entries(update)) {
    if (!isDocument(operand)) {
      throw new CommandError(9, `Modifiers operate on fields but we found another type for: ${operator}`);
    }
    for (const [path, value] of Object.entries(operand)) {
      claim(touched, path);
      if (operator === '$setOnInsert' && !inserting) continue;
      editAt(document, path, editFor(operator, path, value));
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
      assertNumeric(operator, path, value);
      return (current) => {
        if (current === undefined) return value;
        assertNumeric(operator, path, current);
        return add(current, value);
      };
    case '$min':
      return (current) => (current === undefined || compareValues(value, current) < 0 ? value : current);
    case '$max':
      return (current) => (current === undefined || compareValues(value, current) > 0 ? value : current);
    case '$currentDate':
      return currentDate(value);
    case '$push':
      return push(path, value);
    case '$addToSet':
      return addToSet(path, value);
    case '$pull':
      return pull(path, value);
    case '$mul':
    case '$bit':
    case '$rename':
    case '$pullAll':
    case '$pop':
      throw new CommandError(115, `${operator} is not offered by this emulator`);
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
  throw new CommandError(2, "$currentDate accepts true or {$type: 'date'} here");
}
