import type { Part } from '@cloudemy/emulator-stack';

/** Where `npm start` talks to its user. */
export class Screen {
  private readonly bold: (text: string) => string;

  private readonly stream: NodeJS.WriteStream;

  /** Plain text unless the stream is a terminal. */
  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;

    this.bold = stream.isTTY ? (text) => `\u001B[1m${text}\u001B[0m` : (text) => text;
  }

  heading(text: string): void {
    this.stream.write(`\n${this.bold(text)}\n`);
  }

  line(text: string): void {
    this.stream.write(text === '' ? '\n' : `  ${text}\n`);
  }

  part({ name, url, origin }: Part): void {
    this.line(`${name.padEnd(10)}  ${url}${origin === '' ? '' : `  (${origin})`}`);
  }
}
