import { MaxKey, MinKey } from 'bson';
import { type Document, isDocument } from '../bson/document.js';
import { isNumeric, numericValue, toNumber } from '../bson/numbers.js';
import { compareValues, equalValues, hashKey, typeRank } from '../bson/order.js';
import { CommandError } from '../errors.js';
import { compileRegex, isRegex } from './regex.js';

/** A test on all values a path reached (see `valuesAt`); `undefined` among them is a missing field. */
export type LeafTest = (leaves: readonly unknown[]) => boolean;
type ValueTest = (value: unknown) => boolean;

/** Above this many values `$in` looks them up in a hash set. */
const HASHED_IN_SIZE = 8;

/** True for `{$gt: 1}`; false for a document to compare with, such as `{a: 1}` and `{}`. */
export function isOperatorDocument(value: unknown): value is Document {
  return isDocument(value) && (Object.keys(value)[0]?.startsWith('$') ?? false);
}

/** MongoDB's reach into arrays: a test holds for a field when it holds for its value or any of its elements. */
function anyValue(test: ValueTest): LeafTest {
  return (leaves) => leaves.some((leaf) => test(leaf) || (Array.isArray(leaf) && leaf.some(test)));
}

function not(test: LeafTest): LeafTest {
  return (leaves) => !test(leaves);
}

/** Equality; null also stands for a missing field. */
export function equality(operand: unknown): LeafTest {
  if (operand === null || operand === undefined)
    return anyValue((value) => value === null || value === undefined);
  return anyValue((value) => value !== undefined && equalValues(value, operand));
}

/** A pattern matches strings, and an equal stored pattern. */
export function regexTest(source: unknown, options?: unknown): LeafTest {
  const pattern = compileRegex(source, options);
  return anyValue((value) =>
    typeof value === 'string' ? pattern.test(value) : isRegex(value) && equalValues(value, source),
  );
}

/** `$gt` and its kin compare within one type only; MinKey and MaxKey compare with all. */
function comparison(operand: unknown, accepts: (order: number) => boolean): LeafTest {
  if (operand instanceof MinKey || operand instanceof MaxKey) {
    return anyValue((value) => value !== undefined && accepts(compareValues(value, operand)));
  }
  const rank = typeRank(operand);
  const notANumber = isNumeric(operand) && Number.isNaN(numericValue(operand));
  return anyValue((value) => {
    const present = value ?? null;
    if (typeRank(present) !== rank) return false;
    if (rank === typeRank(0) && Number.isNaN(numericValue(present)) !== notANumber) return false;
    return accepts(compareValues(present, operand));
  });
}

function membership(operator: string, operand: unknown): LeafTest {
  if (!Array.isArray(operand)) throw new CommandError(2, `${operator} needs an array`);
  const patterns = operand.filter(isRegex).map((item) => regexTest(item));
  const values: unknown[] = operand.filter((item) => !isRegex(item));
  if (values.some(isOperatorDocument)) throw new CommandError(2, `cannot nest $ under ${operator}`);
  const hasNull = values.includes(null);
  const hashed = values.length > HASHED_IN_SIZE ? new Set(values.map(hashKey)) : undefined;
  const plain = anyValue((value) => {
    if (value === undefined) return hasNull;
    return hashed ? hashed.has(hashKey(value)) : values.some((item) => equalValues(value, item));
  });
  return (leaves) => plain(leaves) || patterns.some((pattern) => pattern(leaves));
}

function size(operand: unknown): LeafTest {
  const wanted = toNumber(operand);
  if (wanted === undefined || !Number.isInteger(wanted) || wanted < 0) {
    throw new CommandError(2, 'Failed to parse $size. Expected a non-negative integer');
  }
  return (leaves) => leaves.some((leaf) => Array.isArray(leaf) && leaf.length === wanted);
}

function exists(operand: unknown): LeafTest {
  const wanted = operand !== false && operand !== null && toNumber(operand) !== 0;
  return (leaves) => leaves.some((leaf) => leaf !== undefined) === wanted;
}

/**
 * Compiles one operator on a field.
 * @param siblings the operators beside it, for `$regex` with `$options`
 * @throws CommandError 2 for an unknown operator or a malformed operand
 */
export function compileOperator(operator: string, operand: unknown, siblings: Document): LeafTest {
  switch (operator) {
    case '$eq':
      return equality(operand);
    case '$ne':
      return not(equality(operand));
    case '$gt':
      return comparison(operand, (order) => order > 0);
    case '$gte':
      return comparison(operand, (order) => order >= 0);
    case '$lt':
      return comparison(operand, (order) => order < 0);
    case '$lte':
      return comparison(operand, (order) => order <= 0);
    case '$in':
      return membership(operator, operand);
    case '$nin':
      return not(membership(operator, operand));
    case '$exists':
      return exists(operand);
    case '$size':
      return size(operand);
    case '$regex':
      return regexTest(operand, siblings['$options']);
    default:
      throw new CommandError(2, `unknown operator: ${operator}`);
  }
}
