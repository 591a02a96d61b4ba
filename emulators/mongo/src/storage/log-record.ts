import { crc32 } from 'node:zlib';
import { decode, encode } from '../bson/document.js';
import type { Change } from './journal.js';

/** First bytes of a log; the number is the version of the format. */
export const MAGIC = Buffer.from('cloudemy-emulator-mongo-log 1\n');

/** A record is: length of the body (u32), CRC-32 of the body (u32), body. All numbers little-endian. */
const HEADER_BYTES = 8;
/** Above this a length can only be damage: a document of 16 MiB, its namespace, and some room. */
const MAX_BODY_BYTES = 17 * 1024 * 1024;

const OPERATIONS = ['put', 'delete', 'create', 'drop', 'createIndex'] as const;

/** A change as bytes. The body is: operation (u8), length of the namespace (u16), namespace, BSON document. */
export function encodeChange(change: Change): Buffer {
  const namespace = Buffer.from(change.namespace);
  const payload = payloadOf(change);
  const record = Buffer.allocUnsafe(HEADER_BYTES + 3 + namespace.length + payload.length);
  record.writeUInt32LE(record.length - HEADER_BYTES, 0);
  record.writeUInt8(OPERATIONS.indexOf(change.op), HEADER_BYTES);
  record.writeUInt16LE(namespace.length, HEADER_BYTES + 1);
  record.set(namespace, HEADER_BYTES + 3);
  record.set(payload, HEADER_BYTES + 3 + namespace.length);
  record.writeUInt32LE(crc32(record.subarray(HEADER_BYTES)), 4);
  return record;
}

function payloadOf(change: Change): Uint8Array {
  if (change.op === 'put') return change.document;
  return change.op === 'delete' ? change.key : encode(change.info);
}

/** A record read from the front of a buffer, or undefined when it is cut off or damaged. */
export function decodeChange(bytes: Buffer): { change: Change; size: number } | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const length = bytes.readUInt32LE(0);
  if (length < 3 || length > MAX_BODY_BYTES || bytes.length < HEADER_BYTES + length) return undefined;
  const body = bytes.subarray(HEADER_BYTES, HEADER_BYTES + length);
  if (crc32(body) !== bytes.readUInt32LE(4)) return undefined;
  const op = OPERATIONS[body.readUInt8(0)];
  const end = 3 + body.readUInt16LE(1);
  if (op === undefined) return undefined;
  return {
    change: parse(op, body.toString('utf8', 3, end), body.subarray(end)),
    size: HEADER_BYTES + length,
  };
}

function parse(op: (typeof OPERATIONS)[number], namespace: string, payload: Uint8Array): Change {
  // Copied: a slice would keep the whole read buffer in memory.
  if (op === 'put') return { op, namespace, document: Uint8Array.from(payload) };
  if (op === 'delete') return { op, namespace, key: Uint8Array.from(payload) };
  return { op, namespace, info: decode(payload) };
}

/**
 * True when what cannot be read at the end of a log is damage. The torn end of a write is a record with bytes missing,
 * or bytes that the disk never received and shows as zeros. Everything else was whole once: a record with all its
 * bytes, an impossible length, or a record with others behind it.
 */
export function isDamaged(rest: Buffer): boolean {
  if (rest.length < HEADER_BYTES || rest.every((byte) => byte === 0)) return false;
  const length = rest.readUInt32LE(0);
  if (length < 3 || length > MAX_BODY_BYTES || rest.length >= HEADER_BYTES + length) return true;
  for (let at = 1; at + HEADER_BYTES < rest.length; at++) {
    if (looksLikeRecord(rest, at) && decodeChange(rest.subarray(at))) return true;
  }
  return false;
}

/** A cheap first look: known operation, and a document that is as long as the record says. */
function looksLikeRecord(bytes: Buffer, at: number): boolean {
  const body = at + HEADER_BYTES;
  const length = bytes.readUInt32LE(at);
  if (length < 3 || length > bytes.length - body || (bytes[body] ?? 0xff) >= OPERATIONS.length) return false;
  const document = body + 3 + bytes.readUInt16LE(body + 1);
  return document + 4 <= body + length && bytes.readInt32LE(document) === body + length - document;
}

/** The most bytes a reader needs to see a whole record. */
export const MAX_RECORD_BYTES = HEADER_BYTES + MAX_BODY_BYTES;
