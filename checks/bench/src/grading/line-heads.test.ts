import { expect, test } from '@jest/globals';
import { lineHeads } from './line-heads.js';

const text = 'a line longer than its head\nshort\n\nnot ended';
const heads = ['a line', 'short', ''];

async function read(...chunks: string[]): Promise<string[]> {
  async function* stream() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const found: string[] = [];
  for await (const some of lineHeads(stream(), 6)) found.push(...some);
  return found;
}

test('wherever the stream is cut, the heads are the same', async () => {
  for (let first = 0; first <= text.length; first += 1) {
    for (let second = first; second <= text.length; second += 1) {
      const chunks = [text.slice(0, first), text.slice(first, second), text.slice(second)];
      await expect(read(...chunks)).resolves.toEqual(heads);
    }
  }
});
