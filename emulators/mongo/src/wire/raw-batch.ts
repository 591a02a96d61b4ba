import { Long } from 'bson';
import { encode } from '../bson/document.js';

const TYPE_DOCUMENT = 0x03;
const TYPE_ARRAY = 0x04;
const END = Buffer.from([0]);

/**
 * The answer that carries a batch of a cursor, built around stored documents without decoding them.
 * @param field `firstBatch` or `nextBatch`
 * @param cursorId 0 when this is the last batch
 */
export function cursorReply(
  field: 'firstBatch' | 'nextBatch',
  batch: readonly Uint8Array[],
  namespace: string,
  cursorId: bigint,
): Uint8Array {
  const list = wrap(batch.flatMap((document, i) => [element(TYPE_DOCUMENT, String(i)), document]));
  const rest = fieldsOf({ id: Long.fromBigInt(cursorId), ns: namespace });
  const cursor = wrap([element(TYPE_ARRAY, field), list, rest]);
  return wrap([element(TYPE_DOCUMENT, 'cursor'), cursor, fieldsOf({ ok: 1 })]);
}

function element(type: number, name: string): Buffer {
  return Buffer.from(`${String.fromCharCode(type)}${name}\0`);
}

/** The encoded fields without the length before and the zero behind them. */
function fieldsOf(document: Record<string, unknown>): Uint8Array {
  return encode(document).subarray(4, -1);
}

function wrap(parts: readonly Uint8Array[]): Buffer {
  const length = Buffer.alloc(4);
  const whole = Buffer.concat([length, ...parts, END]);
  whole.writeInt32LE(whole.length, 0);
  return whole;
}
