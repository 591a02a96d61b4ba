import { bsonType, isDocument } from '../bson/document.js';
import { toNumber } from '../bson/numbers.js';
import { CommandError } from '../errors.js';

/** BSON type numbers by the alias `$type` knows them under (https://bsonspec.org). */
const ALIASES: Readonly<Record<string, number>> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  javascript: 13,
  symbol: 14,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
};

const CLASSES: Readonly<Record<string, number>> = {
  Double: 1,
  Binary: 5,
  ObjectId: 7,
  BSONRegExp: 11,
  DBRef: 3,
  Code: 13,
  BSONSymbol: 14,
  Int32: 16,
  Timestamp: 17,
  Long: 18,
  Decimal128: 19,
  MinKey: -1,
  MaxKey: 127,
};

const NUMBERS = [1, 16, 18, 19];

/** The BSON type number of a decoded value; undefined for a missing one. */
export function typeNumber(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (value === null) return 10;
  if (typeof value === 'string') return 2;
  if (typeof value === 'boolean') return 8;
  if (typeof value === 'bigint') return 18;
  if (typeof value === 'number') return Number.isInteger(value) && value === (value | 0) ? 16 : 1;
  if (Array.isArray(value)) return 4;
  if (value instanceof Date) return 9;
  if (value instanceof RegExp) return 11;
  if (isDocument(value)) return 3;
  return CLASSES[bsonType(value) ?? ''];
}

/**
 * The type numbers an operand of `$type` asks for.
 * @throws CommandError 2 for an unknown alias
 */
export function wantedTypes(operand: unknown): number[] {
  const list: unknown[] = Array.isArray(operand) ? operand : [operand];
  return list.flatMap((item) => {
    if (item === 'number') return NUMBERS;
    const type = typeof item === 'string' ? ALIASES[item] : toNumber(item);
    if (type === undefined) throw new CommandError(2, `Unknown type name alias: ${String(item)}`);
    return [type];
  });
}
