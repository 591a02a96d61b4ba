import { randomInt } from 'node:crypto';
import { MAX_DOCUMENT_BYTES } from '../bson/document.js';
import { CommandError } from '../errors.js';
import { cursorReply } from '../wire/raw-batch.js';

/** MongoDB's own limits: 101 documents come first, a batch holds 16 MiB, an idle cursor lives ten minutes. */
const FIRST_BATCH = 101;
const IDLE_MS = 10 * 60 * 1000;

interface Cursor {
  readonly namespace: string;
  readonly documents: readonly Uint8Array[];
  position: number;
  lastUsed: number;
}

/**
 * Results not fetched yet. A cursor holds its documents as they were when the query ran. It belongs to no
 * connection, since drivers fetch through any of their pool.
 */
export class CursorRegistry {
  readonly #cursors = new Map<bigint, Cursor>();
  #nextId = BigInt(randomInt(1, 2 ** 40));

  get size(): number {
    return this.#cursors.size;
  }

  /** Answers a query with its first batch, keeping the rest. */
  open(
    namespace: string,
    documents: readonly Uint8Array[],
    options: { batchSize?: number | undefined; singleBatch?: boolean } = {},
  ): Uint8Array {
    const cursor: Cursor = { namespace, documents, position: 0, lastUsed: Date.now() };
    const batch = take(cursor, options.batchSize ?? FIRST_BATCH);
    if (isDone(cursor) || options.singleBatch) return cursorReply('firstBatch', batch, namespace, 0n);
    const id = this.#nextId++;
    this.#cursors.set(id, cursor);
    return cursorReply('firstBatch', batch, namespace, id);
  }

  /** Answers `getMore`. @throws CommandError 43 for a cursor that is gone */
  next(id: bigint, namespace: string, batchSize: number | undefined): Uint8Array {
    const cursor = this.#cursors.get(id);
    if (!cursor || cursor.namespace !== namespace) throw new CommandError(43, `cursor id ${id} not found`);
    cursor.lastUsed = Date.now();
    const batch = take(cursor, batchSize || Number.POSITIVE_INFINITY);
    if (isDone(cursor)) this.#cursors.delete(id);
    return cursorReply('nextBatch', batch, namespace, isDone(cursor) ? 0n : id);
  }

  /** True when there was such a cursor. */
  kill(id: bigint): boolean {
    return this.#cursors.delete(id);
  }

  /** Drops cursors nobody has asked for a while. */
  sweep(now: number): void {
    for (const [id, { lastUsed }] of this.#cursors) if (now - lastUsed > IDLE_MS) this.#cursors.delete(id);
  }
}

function isDone(cursor: Cursor): boolean {
  return cursor.position >= cursor.documents.length;
}

function take(cursor: Cursor, limit: number): Uint8Array[] {
  const batch: Uint8Array[] = [];
  let bytes = 0;
  while (batch.length < limit) {
    const next = cursor.documents[cursor.position];
    if (next === undefined) break;
    bytes += next.length;
    if (batch.length > 0 && bytes > MAX_DOCUMENT_BYTES) break;
    batch.push(next);
    cursor.position++;
  }
  return batch;
}
