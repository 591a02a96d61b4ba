const newline = 0x0a;

/** The first bytes of every line of a stream of ASCII, as text; what one chunk completes comes together. */
export async function* lineHeads(stream: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<string[]> {
  let begun: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    const heads: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      heads.push(headOf(begun, chunk.subarray(start, end), bytes).toString('latin1'));
      begun = Buffer.alloc(0);
      start = end + 1;
    }
    begun = headOf(begun, chunk.subarray(start), bytes);
    if (heads.length > 0) yield heads;
  }
}

const headOf = (begun: Buffer, more: Buffer, bytes: number): Buffer =>
  begun.length === 0
    ? more.subarray(0, bytes)
    : Buffer.concat([begun, more.subarray(0, bytes)]).subarray(0, bytes);
