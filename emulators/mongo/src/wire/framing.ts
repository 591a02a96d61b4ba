/** Length, request id, answered id, operation code: four int32, little-endian. */
export const HEADER_BYTES = 16;
/** What hello announces as `maxMessageSizeBytes`. */
export const MAX_MESSAGE_BYTES = 48_000_000;

/** A peer that does not speak the protocol; its connection is closed. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Cuts a byte stream into messages. */
export class MessageSplitter {
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** Length of the message under way, once its first bytes are here. */
  #wanted: number | undefined;

  /**
   * Takes bytes as they arrive; gives the messages they complete, headers included.
   * @throws ProtocolError when a length is impossible
   */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const messages: Buffer[] = [];
    for (;;) {
      if (this.#wanted === undefined) {
        if (this.#buffered < 4) return messages;
        this.#wanted = checkedLength(this.#gather().readInt32LE(0));
      }
      if (this.#buffered < this.#wanted) return messages;
      const all = this.#gather();
      const rest = all.subarray(this.#wanted);
      messages.push(all.subarray(0, this.#wanted));
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#buffered = rest.length;
      this.#wanted = undefined;
    }
  }

  #gather(): Buffer {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1 && first) return first;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}

function checkedLength(length: number): number {
  if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
    throw new ProtocolError(`message length ${length} is outside ${HEADER_BYTES}..${MAX_MESSAGE_BYTES}`);
  }
  return length;
}
