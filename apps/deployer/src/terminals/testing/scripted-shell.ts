import { PassThrough, Writable } from 'node:stream';
import type { ExecExit } from '../exec-channel.js';
import type { SessionOptions } from '../session.js';

/** A shell whose every byte the test decides. */
export class ScriptedShell {
  readonly output = new PassThrough();
  readonly typed: Buffer[] = [];
  readonly sizes: [number, number][] = [];
  /** Bytes are taken while true; else they wait until `takeInput`. */
  takes = true;
  ends = 0;
  readonly #exit = Promise.withResolvers<ExecExit>();
  #waiting: (() => void) | undefined;

  readonly input = new Writable({
    highWaterMark: 16_384,
    write: (chunk: Buffer, _encoding, done) => {
      this.typed.push(chunk);
      if (this.takes) done();
      else this.#waiting = done;
    },
  });

  get shell(): SessionOptions['shell'] {
    return {
      firstOutput: Buffer.from('$ '),
      channel: {
        output: this.output,
        input: this.input,
        exited: this.#exit.promise,
        resize: (cols, rows) => this.sizes.push([cols, rows]),
        close: () => this.output.destroy(),
      },
      end: async () => {
        this.ends += 1;
        this.exit(137);
      },
    };
  }

  get typedText(): string {
    return Buffer.concat(this.typed).toString();
  }

  takeInput(): void {
    this.takes = true;
    this.#waiting?.();
  }

  exit(exitCode: number): void {
    this.output.end();
    this.#exit.resolve({ kind: 'exited', exitCode });
  }
}
