import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ReplayRing } from './replay-ring.js';

const fill = (capacity: number, ...chunks: (string | Buffer)[]): string => {
  const ring = new ReplayRing(capacity);
  for (const chunk of chunks) ring.push(Buffer.from(chunk));
  return ring.read().toString();
};

describe('the replay', () => {
  it('is everything while it fits', () => {
    expect(fill(10, 'abc', '', 'defghij')).toBe('abcdefghij');
  });

  it('begins with a line once something was dropped', () => {
    expect(fill(10, 'first\nsecond\nthird')).toBe('third');
  });

  it('begins with a whole character where there is no line', () => {
    expect(fill(9, 'a', '€€€€')).toBe('€€€');
    expect(fill(8, 'a', '€€€€')).toBe('€€');
  });

  it('keeps the end of whatever is pushed in whatever pieces', () => {
    const piece = fc.uint8Array({ maxLength: 3_000 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.array(piece), (capacity, pieces) => {
        const ring = new ReplayRing(capacity);
        for (const bytes of pieces) ring.push(Buffer.from(bytes));
        const all = Buffer.concat(pieces);
        const kept = all.subarray(Math.max(0, all.length - capacity));
        const replay = ring.read();
        expect(ring.length).toBe(kept.length);
        expect(kept.subarray(kept.length - replay.length).equals(replay)).toBe(true);
        if (all.length <= capacity) expect(replay.length).toBe(all.length);
      }),
    );
  });
});
