import { Decimal128, Double, Long } from 'bson';
import { bsonType, doubleValue } from '../bson/document.js';
import { isNumeric, numericValue } from '../bson/numbers.js';
import { typeNumber } from '../query/types.js';
import { CommandError } from '../errors.js';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const DOUBLE_TYPE = 1;

/**
 * Adds or multiplies two BSON numbers with MongoDB's result types: double wins over int64, int64 over int32,
 * and an int32 that overflows becomes an int64.
 * @throws CommandError 2 on int64 overflow, 115 for decimals
 */
export function calculate(operator: '$inc' | '$mul', a: unknown, b: unknown): unknown {
  if (a instanceof Decimal128 || b instanceof Decimal128) {
    throw new CommandError(115, `${operator} on decimal128 is not supported here`);
  }
  if (typeNumber(a) === DOUBLE_TYPE || typeNumber(b) === DOUBLE_TYPE) {
    const [x, y] = [Number(numericValue(a)), Number(numericValue(b))];
    return doubleValue(operator === '$inc' ? x + y : x * y);
  }
  const [x, y] = [BigInt(numericValue(a)), BigInt(numericValue(b))];
  const result = operator === '$inc' ? x + y : x * y;
  const isLong = bsonType(a) === 'Long' || bsonType(b) === 'Long';
  if (!isLong && BigInt.asIntN(32, result) === result) return Number(result);
  if (result < INT64_MIN || result > INT64_MAX) {
    throw new CommandError(2, `Failed to apply ${operator} operations to current value: int64 overflow`);
  }
  return Long.fromBigInt(result);
}

/** The neutral start for a missing field: zero of the operand's type. */
export function zeroLike(operand: unknown): unknown {
  if (operand instanceof Long) return Long.ZERO;
  return typeNumber(operand) === DOUBLE_TYPE ? new Double(0) : 0;
}

/** @throws CommandError 14 when a value is no number */
export function assertNumeric(operator: string, path: string, value: unknown): void {
  if (!isNumeric(value)) {
    throw new CommandError(14, `Cannot apply ${operator} to a value of non-numeric type at '${path}'`);
  }
}

/** `$bit`: and, or, xor on integers. */
export function bitwise(current: unknown, operation: string, operand: unknown): unknown {
  const [a, b] = [BigInt(numericValue(current ?? 0)), BigInt(numericValue(operand))];
  const results: Record<string, bigint> = { and: a & b, or: a | b, xor: a ^ b };
  const result = results[operation];
  if (result === undefined)
    throw new CommandError(2, `The $bit modifier only supports 'and', 'or', and 'xor': ${operation}`);
  const isLong = bsonType(current) === 'Long' || bsonType(operand) === 'Long';
  return isLong ? Long.fromBigInt(result) : Number(BigInt.asIntN(32, result));
}
