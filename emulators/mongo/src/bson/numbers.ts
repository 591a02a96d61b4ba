import { Decimal128, Double, Int32, Long } from 'bson';
import { bsonType } from './document.js';

/** True for every BSON number: int32, int64, double and decimal. */
export function isNumeric(value: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'bigint') return true;
  const type = bsonType(value);
  return type === 'Double' || type === 'Long' || type === 'Int32' || type === 'Decimal128';
}

/**
 * A number in a form that JavaScript compares exactly across types: int64 as a bigint, the others as a number.
 * A decimal is rounded to the nearest double.
 */
export function numericValue(value: unknown): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (value instanceof Double || value instanceof Int32) return value.value;
  if (value instanceof Long) return value.toBigInt();
  if (value instanceof Decimal128) return Number(value.toString());
  return Number.NaN;
}

/** A number as a JavaScript number, or undefined when the value is none. For options such as `limit`. */
export function toNumber(value: unknown): number | undefined {
  return isNumeric(value) ? Number(numericValue(value)) : undefined;
}
