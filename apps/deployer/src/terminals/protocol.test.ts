import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BinaryProtocol } from './binary-protocol.js';
import { JsonProtocol } from './json-protocol.js';
import { FrameError } from './protocol.js';

/** Splits bytes at these places. */
function cut(bytes: Uint8Array, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => Buffer.from(bytes.subarray(at[index], end)));
}

const said = (frame: unknown): Buffer => Buffer.from(JSON.stringify(frame));

describe('the JSON protocol', () => {
  const decoded = (chunks: readonly Buffer[]): string => {
    const protocol = new JsonProtocol(false);
    const frames = [...chunks.map((chunk) => protocol.encode(chunk)), protocol.finish()];
    return frames
      .filter((frame) => frame !== undefined)
      .map((frame): unknown => JSON.parse(frame))
      .map((frame) => {
        expect(frame).toEqual({ type: 'output', data: expect.stringMatching(/^/) });
        return frame instanceof Object && 'data' in frame ? String(frame.data) : '';
      })
      .map((text) => {
        expect(text.isWellFormed()).toBe(true);
        return text;
      })
      .join('');
  };

  it('shows characters whole however their bytes were cut', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(1_000)), (text, places) => {
        expect(decoded(cut(Buffer.from(text), places))).toBe(text);
      }),
    );
  });

  it('shows bytes that are no UTF-8 as replacement characters, as if they had come in one piece', () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(60)), (bytes, places) => {
        expect(decoded(cut(bytes, places))).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('joins a surrogate pair that was cut between two inputs', () => {
    const protocol = new JsonProtocol(false);
    const bytes = ['a\ud83d', '\ude00b'].map((data) => {
      const message = protocol.decode(said({ type: 'input', data }), false);
      return message.type === 'input' ? message.bytes : Buffer.alloc(0);
    });
    expect(Buffer.concat(bytes).toString()).toBe('a😀b');
  });

  it.each([
    ['what is not JSON', 'ls -la\n', /not JSON/],
    ['a list', '[]', /.+/],
    ['null', 'null', /.+/],
    ['an unknown type', '{"type":"paste"}', /input, resize, ping and ack/],
    ['no type', '{}', /input, resize, ping and ack/],
    ['input without data', '{"type":"input"}', /data/],
    ['a width of zero', '{"type":"resize","cols":0,"rows":24}', /cols: must be at least 1/],
    ['a height of a million', '{"type":"resize","cols":80,"rows":1000000}', /rows: must be at most 1000/],
    ['half a column', '{"type":"resize","cols":80.5,"rows":24}', /cols/],
    ['an acknowledgement', '{"type":"ack","bytes":1}', /binary/],
  ])('refuses %s in words', (_what, frame, words) => {
    const refused = (): unknown => new JsonProtocol(false).decode(Buffer.from(frame), false);
    expect(refused).toThrow(FrameError);
    expect(refused).toThrow(words);
  });

  it('refuses binary frames', () => {
    expect(() => new JsonProtocol(true).decode(Buffer.from('ls\n'), true)).toThrow(/text frames/);
  });
});

describe('the binary protocol', () => {
  it('takes bytes as bytes and everything else as JSON', () => {
    const protocol = new BinaryProtocol();
    const bytes = Buffer.from([0, 255, 128]);
    expect(protocol.decode(bytes, true)).toEqual({ type: 'input', bytes });
    expect(protocol.encode(bytes)).toBe(bytes);
    expect(protocol.decode(said({ type: 'ack', bytes: 5 }), false)).toEqual({ type: 'ack', bytes: 5 });
    expect(protocol.decode(said({ type: 'ping', id: 'x' }), false)).toEqual({ type: 'ping', id: 'x' });
    expect(() => protocol.decode(said({ type: 'ack', bytes: -1 }), false)).toThrow(FrameError);
  });
});
