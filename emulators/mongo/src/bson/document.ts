import { BSON, Double, Int32 } from 'bson';
import { CommandError } from '../errors.js';

/**
 * A decoded BSON document. Values keep their BSON type: an int32 and a double with a fraction are JavaScript
 * numbers, a double that holds a whole number is a `Double`, an int64 a `Long`; everything else is the class
 * of the `bson` package. Encoding gives back the bytes that were decoded.
 */
export type Document = Record<string, unknown>;

/** The largest document MongoDB stores, in bytes. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

const DECODE_OPTIONS = { promoteValues: false, promoteLongs: false, bsonRegExp: true } as const;

/** True for an embedded document; false for arrays, dates and the classes of BSON. */
export function isDocument(value: unknown): value is Document {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The BSON class of a value (`ObjectId`, `Double`, …), or undefined for plain JavaScript values. */
export function bsonType(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('_bsontype' in value)) return undefined;
  return typeof value._bsontype === 'string' ? value._bsontype : undefined;
}

/**
 * Decodes one document.
 * @throws CommandError 22 when the bytes are not a BSON document
 */
export function decode(bytes: Uint8Array): Document {
  try {
    const document: Document = BSON.deserialize(bytes, DECODE_OPTIONS);
    narrowNumbers(document);
    return document;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(22, `invalid BSON: ${reason}`, {}, { cause: error });
  }
}

/** Encodes one document; the inverse of {@link decode}. */
export function encode(document: Document): Uint8Array {
  return BSON.serialize(document, { checkKeys: false, ignoreUndefined: true });
}

/**
 * Encodes a document that will be stored.
 * @throws CommandError 10334 above 16 MiB
 */
export function encodeStored(document: Document): Uint8Array {
  const bytes = encodeWithin17MiB(document);
  if (bytes !== undefined && bytes.length <= MAX_DOCUMENT_BYTES) return bytes;
  const size = BSON.calculateObjectSize(document, { ignoreUndefined: true });
  throw new CommandError(
    10334,
    `object to insert too large. size in bytes: ${size}, max size: ${MAX_DOCUMENT_BYTES}`,
  );
}

/**
 * The library writes into a buffer of 17 MiB. What is larger comes out cut off at the end, so still above what may be
 * stored, or makes it throw; finding out this way is cheaper than measuring every document beforehand.
 */
function encodeWithin17MiB(document: Document): Uint8Array | undefined {
  try {
    return encode(document);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * A copy of a decoded document whose containers may be changed. Single values are shared: nothing changes them in
 * place.
 */
export function copyDocument(document: Document): Document {
  const copy: Document = { ...document };
  for (const [name, value] of Object.entries(copy)) {
    if (typeof value === 'object' && value !== null) copy[name] = copyValue(value);
  }
  return copy;
}

function copyValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyValue);
  return isDocument(value) ? copyDocument(value) : value;
}

/** A whole-number double stays a `Double`: as a plain number it would be written back as an int32. */
export function doubleValue(value: number): number | Double {
  const wouldBecomeInt32 = Number.isInteger(value) && value === (value | 0);
  return wouldBecomeInt32 ? new Double(value) : value;
}

function narrowNumbers(container: Document | unknown[]): void {
  if (Array.isArray(container)) {
    for (let i = 0; i < container.length; i++) container[i] = narrowed(container[i]);
    return;
  }
  for (const key of Object.keys(container)) {
    const value = container[key];
    if (typeof value === 'object' && value !== null) container[key] = narrowed(value);
  }
}

function narrowed(value: unknown): unknown {
  if (value instanceof Int32) return value.value;
  if (value instanceof Double) return doubleValue(value.value);
  if (Array.isArray(value) || isDocument(value)) narrowNumbers(value);
  return value;
}
