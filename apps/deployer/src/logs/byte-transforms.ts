import { Transform, type TransformCallback } from 'node:stream';

const newline = 0x0a;

/** Puts a prefix before each line, in bytes: what is not UTF-8 stays as it is. */
export class PrefixedLines extends Transform {
  readonly #prefix: Buffer;
  #atStart = true;

  constructor(prefix: string) {
    super();
    this.#prefix = Buffer.from(prefix);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const parts: Buffer[] = [];
    for (let from = 0; from < chunk.length;) {
      if (this.#atStart) parts.push(this.#prefix);
      const end = chunk.indexOf(newline, from);
      const next = end === -1 ? chunk.length : end + 1;
      parts.push(chunk.subarray(from, next));
      this.#atStart = end !== -1;
      from = next;
    }
    done(null, Buffer.concat(parts));
  }

  /** The next container's log begins on a line of its own. */
  override _flush(done: TransformCallback): void {
    done(null, this.#atStart ? undefined : Buffer.from('\n'));
  }
}

/** Lets so many bytes through and ends. */
export class FirstBytes extends Transform {
  private left: number;

  constructor(left: number) {
    super();
    this.left = left;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const part = chunk.subarray(0, this.left);
    this.left -= part.length;
    if (part.length > 0) this.push(part);
    if (this.left <= 0) this.push(null);
    done();
  }
}
