import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Position } from './cursor.js';
import { Cursor } from './cursor.js';
import { type LineBatch, readLineBatches } from './line-batches.js';
import { PositionedLines } from './positioned-lines.js';

const timeAt = (tick: number): string => `2026-01-01T00:00:00.${String(tick).padStart(9, '0')}Z`;

/** Lines as the kubelet writes them: times never go back, several may share one. */
const logText = fc
  .array(fc.tuple(fc.nat(2), fc.string({ unit: 'grapheme', maxLength: 12 })), { maxLength: 30 })
  .map((lines) => {
    let tick = 0;
    return lines.map(([step, text]) => {
      tick += step;
      return { time: timeAt(tick), text: text.replaceAll('\n', ' ') };
    });
  });

const bytesOf = (lines: readonly { time: string; text: string }[]): Buffer =>
  Buffer.from(lines.map(({ time, text }) => `${time} ${text}\n`).join(''));

/** Cut anywhere, also inside a character. */
function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

async function read(chunks: readonly Buffer[]): Promise<LineBatch[]> {
  const batches: LineBatch[] = [];
  for await (const batch of readLineBatches(Readable.from(chunks))) batches.push(batch);
  return batches;
}

/** Lines put together again from the pieces they came in. */
function join(batches: readonly LineBatch[]): string[] {
  const lines: string[] = [];
  for (const batch of batches) {
    for (const [index, line] of batch.lines.entries()) {
      if (index === 0 && batch.continues) lines.push(`${lines.pop() ?? ''}${line}`);
      else lines.push(line);
    }
  }
  return lines;
}

test('however a log is cut on its way, its lines come out whole', async () => {
  await fc.assert(
    fc.asyncProperty(logText, fc.array(fc.nat()), async (lines, cuts) => {
      const batches = await read(chunksOf(bytesOf(lines), cuts));
      expect(join(batches)).toEqual(lines.map(({ text }) => text));
      expect(batches.flatMap(({ times }) => times)).toEqual(lines.map(({ time }) => time));
    }),
  );
});

test('wherever a reader stops, reading on from its cursor gives the rest, once', async () => {
  await fc.assert(
    fc.asyncProperty(
      logText,
      fc.array(fc.nat()),
      fc.array(fc.nat()),
      fc.nat(),
      async (lines, cuts, others, stop) => {
        const bytes = bytesOf(lines);
        const first = new PositionedLines(0, undefined);
        const read1 = (await read(chunksOf(bytes, cuts))).slice(0, stop % 8);
        const seen = join(read1.flatMap((batch) => first.take(batch) ?? []));
        const again = new PositionedLines(0, overTheWire(first.position));
        // The server begins at the second of the cursor, so all of it is sent once more.
        const rest = join((await read(chunksOf(bytes, others))).flatMap((batch) => again.take(batch) ?? []));
        expect([...seen, ...rest]).toEqual(lines.map(({ text }) => text));
        // Whoever has read nothing has no place to find again.
        expect(again.hasLostPlace).toBe(false);
      },
    ),
  );
});

function overTheWire(position: Position | undefined): Position | undefined {
  if (position === undefined) return undefined;
  const source = { pod: 'job-x7k2p', created: 0, container: 'main' };
  const cursor = new Cursor();
  cursor.begin(source);
  cursor.set(source, position);
  const after = Cursor.decode(cursor.encode());
  after?.begin(source);
  return after?.get(source);
}

test('a line of a megabyte comes in pieces, and is taken up again inside', async () => {
  const lines = ['short', 'é'.repeat(500_000), 'last'].map((text, tick) => ({ time: timeAt(tick), text }));
  const chunks = chunksOf(
    bytesOf(lines),
    Array.from({ length: 16 }, (_, i) => i * 65_537),
  );
  const batches = await read(chunks);
  expect(Math.max(...batches.flatMap((batch) => batch.lines.map(({ length }) => length)))).toBeLessThan(
    200_000,
  );
  for (const stop of batches.keys()) {
    const first = new PositionedLines(0, undefined);
    const seen = batches.slice(0, stop).flatMap((batch) => first.take(batch) ?? []);
    const again = new PositionedLines(0, overTheWire(first.position));
    const rest = batches.flatMap((batch) => again.take(batch) ?? []);
    expect(join([...seen, ...rest])).toEqual(lines.map(({ text }) => text));
  }
});

test('a last line without its end comes at the end', async () => {
  const batches = await read([Buffer.from(`${timeAt(0)} a\n${timeAt(1)} no end`)]);
  expect(join(batches)).toEqual(['a', 'no end']);
});

test('a log without what was read before is read from its beginning, and its place is lost', () => {
  const again = new PositionedLines(0, { time: timeAt(5), lines: 2, characters: 0, run: 0 });
  const batch = { lines: ['later'], times: [timeAt(9)], continues: false, isCut: false };
  expect(again.take(batch)?.lines).toEqual(['later']);
  expect(again.hasLostPlace).toBe(true);
});
