import { type Binary, type BSONRegExp, type ObjectId, type Timestamp, BSON } from 'bson';
import { bsonType, isDocument } from './document.js';
import { isNumeric, numericValue } from './numbers.js';

const RANKS: Readonly<Record<string, number>> = {
  MinKey: 0,
  Double: 3,
  Long: 3,
  Int32: 3,
  Decimal128: 3,
  BSONSymbol: 4,
  Binary: 7,
  ObjectId: 8,
  Timestamp: 11,
  BSONRegExp: 12,
  DBRef: 13,
  Code: 14,
  MaxKey: 16,
};

/** A place before the first or after the last value of a type; only ever a bound, never stored. */
export class TypeEdge {
  readonly rank: number;
  constructor(rank: number) {
    this.rank = rank;
  }
  static before(value: unknown): TypeEdge {
    return new TypeEdge(typeRank(value) - 0.5);
  }
  static after(value: unknown): TypeEdge {
    return new TypeEdge(typeRank(value) + 0.5);
  }
}

/** Below and above every value. */
export const LOWEST = new TypeEdge(-1);
export const HIGHEST = new TypeEdge(100);

/** Where the type of a value stands in MongoDB's comparison order; `undefined` is the key of an empty array. */
export function typeRank(value: unknown): number {
  if (value === undefined) return 1;
  if (value === null) return 2;
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 3;
    case 'string':
      return 4;
    case 'boolean':
      return 9;
    default:
  }
  if (value instanceof TypeEdge) return value.rank;
  if (value instanceof Date) return 10;
  if (Array.isArray(value)) return 6;
  const type = bsonType(value);
  return type === undefined ? 5 : (RANKS[type] ?? 5);
}

function order<T extends number | bigint | string | boolean>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares two values the way MongoDB sorts them: by type first, then by value. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return order(a, b);
  const rank = typeRank(a);
  const difference = rank - typeRank(b);
  if (difference !== 0) return difference;
  if (rank === 3) return compareNumbers(numericValue(a), numericValue(b));
  if (a instanceof Date && b instanceof Date) return order(a.getTime(), b.getTime());
  if (typeof a === 'boolean' && typeof b === 'boolean') return order(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b);
  if (isDocument(a) && isDocument(b)) return compareDocuments(a, b);
  return compareBsonClasses(a, b);
}

/** True when two values are the same value for MongoDB: 1, 1.0 and int64 1 are. */
export function equalValues(a: unknown, b: unknown): boolean {
  return compareValues(a, b) === 0;
}

function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = compareValues(a[i], b[i]);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compareDocuments(a: Record<string, unknown>, b: Record<string, unknown>): number {
  const left = Object.entries(a);
  const right = Object.entries(b);
  for (const [i, [name, value]] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const difference =
      typeRank(value) - typeRank(other[1]) || order(name, other[0]) || compareValues(value, other[1]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function compareBsonClasses(a: unknown, b: unknown): number {
  switch (bsonType(a)) {
    case 'ObjectId':
      return Buffer.compare((a as ObjectId).id, (b as ObjectId).id);
    case 'Timestamp':
      return order((a as Timestamp).toBigInt(), (b as Timestamp).toBigInt());
    case 'Binary': {
      const [left, right] = [a as Binary, b as Binary];
      const byHead = left.position - right.position || left.sub_type - right.sub_type;
      return byHead || Buffer.compare(left.value(), right.value());
    }
    case 'BSONRegExp': {
      const [left, right] = [a as BSONRegExp, b as BSONRegExp];
      return order(left.pattern, right.pattern) || order(left.options, right.options);
    }
    case undefined:
    case 'MinKey':
    case 'MaxKey':
      return 0;
    default:
      return order(String(a), String(b)) || Buffer.compare(BSON.serialize({ a }), BSON.serialize({ a: b }));
  }
}

/** A string that two values share exactly when they are equal; the key of a hash map of values. */
export function hashKey(value: unknown): string {
  if (typeof value === 'string') return `s${value}`;
  if (bsonType(value) === 'ObjectId') return `o${(value as ObjectId).toHexString()}`;
  if (isNumeric(value)) return `n${String(numericValue(value))}`;
  if (value instanceof Date) return `d${value.getTime()}`;
  if (Array.isArray(value)) return `[${value.map((item) => lengthPrefixed(hashKey(item))).join('')}]`;
  if (isDocument(value)) {
    const fields = Object.entries(value).map(
      ([name, item]) => lengthPrefixed(name) + lengthPrefixed(hashKey(item)),
    );
    return `{${fields.join('')}}`;
  }
  return `x${Buffer.from(BSON.serialize({ v: value })).toString('latin1')}`;
}

function lengthPrefixed(text: string): string {
  return `${text.length}:${text}`;
}
