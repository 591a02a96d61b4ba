import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ProgramOutput } from './program-output.js';

const times = [
  '2026-01-01T00:00:00.000000001Z ',
  '2026-01-01T09:00:00.123456789+09:00 ',
  // An old kubelet leaves zeros out.
  '2026-01-01T00:00:00Z ',
];

/** Lines as a program may write them, also with what looks like a time and without an end. */
const line = fc.oneof(
  fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x0a))),
  fc
    .constantFrom(...times, 'unable to retrieve container logs for containerd://5c7a')
    .map((text) => Buffer.from(text)),
);
const log = fc.record({
  lines: fc.array(fc.record({ time: fc.constantFrom(...times), line }), { maxLength: 20 }),
  hasEnd: fc.boolean(),
  cuts: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
});

/** In pieces of these sizes, one after the other. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

describe("a program's output", () => {
  it('comes byte by byte as it was written, however the log is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(log, fc.boolean(), async ({ lines, hasEnd, cuts }, keepTimes) => {
        const join = (withTimes: boolean) =>
          Buffer.concat(
            lines.flatMap(({ time, line }, index) => [
              Buffer.from(withTimes ? time : ''),
              line,
              Buffer.from(index < lines.length - 1 || hasEnd ? '\n' : ''),
            ]),
          );
        const log = Readable.from(cut(join(true), cuts));
        const output = new ProgramOutput(log, { keepTimes, isFollowed: false });
        expect(Buffer.concat(await Readable.from(output).toArray())).toEqual(join(keepTimes));
      }),
    );
  });
});
