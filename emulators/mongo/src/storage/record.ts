import { type Document, decode } from '../bson/document.js';

/**
 * One stored document. Only its bytes are kept: they are several times smaller than decoded values, and a find
 * answers with them unchanged.
 */
export class StoredRecord {
  readonly key: string;
  /** Insertion order within the collection; breaks ties between equal index keys. */
  readonly sequence: number;
  bytes: Uint8Array;

  constructor(key: string, sequence: number, bytes: Uint8Array) {
    this.key = key;
    this.sequence = sequence;
    this.bytes = bytes;
  }

  /** The document, decoded again: the caller owns it. */
  decode(): Document {
    return decode(this.bytes);
  }
}
