import { readJson } from '../objects/read-json.js';

const NEWLINE = 0x0a;

/**
 * Splits a byte stream into lines and parses each as JSON of the API server; what one chunk completes comes together. Lines are cut as
 * bytes, so a character split over two chunks comes out whole; a long line is joined once, not chunk by chunk.
 */
export async function* readJsonLines(stream: AsyncIterable<Buffer>): AsyncGenerator<unknown[]> {
  let pieces: Buffer[] = [];
  for await (const chunk of stream) {
    const lines: unknown[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      pieces.push(chunk.subarray(start, end));
      const line = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
      pieces = [];
      start = end + 1;
      if (line !== undefined && line.length > 0) lines.push(readJson(line.toString()));
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
}
