import { Decimal128, Long } from 'bson';
import { bsonType, doubleValue } from '../bson/document.js';
import { isNumeric, numericValue } from '../bson/numbers.js';
import { typeNumber } from '../query/types.js';
import { CommandError } from '../errors.js';

const DOUBLE_TYPE = 1;

/**
 * Adds two BSON numbers with MongoDB's result types: double wins over int64, int64 over int32, and an int32 that
 * overflows becomes an int64.
 * @throws CommandError 2 on int64 overflow, 115 for decimals
 */
export function add(a: unknown, b: unknown): unknown {
  if (a instanceof Decimal128 || b instanceof Decimal128) {
    throw new CommandError(115, '$inc on decimal128 is not offered by this emulator');
  }
  if (typeNumber(a) === DOUBLE_TYPE || typeNumber(b) === DOUBLE_TYPE) {
    return doubleValue(Number(numericValue(a)) + Number(numericValue(b)));
  }
  const result = BigInt(numericValue(a)) + BigInt(numericValue(b));
  const isLong = bsonType(a) === 'Long' || bsonType(b) === 'Long';
  if (!isLong && BigInt.asIntN(32, result) === result) return Number(result);
  if (BigInt.asIntN(64, result) !== result) {
    throw new CommandError(2, 'Failed to apply $inc operations to current value: int64 overflow');
  }
  return Long.fromBigInt(result);
}

/** @throws CommandError 14 when a value is no number */
export function assertNumeric(operator: string, path: string, value: unknown): void {
  if (!isNumeric(value)) {
    throw new CommandError(14, `Cannot apply ${operator} to a value of non-numeric type at '${path}'`);
  }
}
