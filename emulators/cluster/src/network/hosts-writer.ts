import { closeSync, openSync, writeSync } from 'node:fs';

/**
 * Rewrites a file that containers have mounted: in place, since they hold on to it, and in one write, since they may
 * be reading. It never gets shorter; what is left over at the end is empty lines.
 */
export class HostsWriter {
  readonly #path: string;
  #content: string;
  #size: number;

  /** `content` is what the file holds already. */
  constructor(path: string, content: string) {
    this.#path = path;
    this.#content = content;
    this.#size = Buffer.byteLength(content);
  }

  /** The file may be gone with its pod: then nobody reads it. */
  write(content: string): void {
    if (content === this.#content) {
      return;
    }
    const missing = this.#size - Buffer.byteLength(content);
    const padded = Buffer.from(content + '\n'.repeat(Math.max(0, missing)));
    let file: number;
    try {
      file = openSync(this.#path, 'r+');
    } catch {
      return;
    }
    try {
      writeSync(file, padded, 0, padded.length, 0);
    } finally {
      closeSync(file);
    }
    this.#content = content;
    this.#size = padded.length;
  }
}
