import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogOptions } from '../../kubelet-contract.js';
import { LogFile } from './log-file.js';
import { readLog } from './log-reader.js';

let folder: string;
let log: LogFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-test-'));
  log = new LogFile(folder);
});

afterEach(() => {
  log.remove();
  rmSync(folder, { recursive: true });
});

async function read(options: Partial<LogOptions> = {}): Promise<string> {
  const { signal } = new AbortController();
  const chunks: Buffer[] = [];
  for await (const chunk of readLog(log, { follow: false, timestamps: false, signal, ...options })) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

function write(text: string): void {
  log.write(Buffer.from(text, 'latin1'));
}

const stamped = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z) (.*)$/;

describe('what is kept', () => {
  test('bytes as they are, but for the CR before a LF', async () => {
    write('\0\u0001\u00ff raw\r\ncaf\u00c3\u00a9\r');
    write('\n\rhalf\r\n');
    expect(await read()).toBe('\0\u0001\u00ff raw\ncaf\u00c3\u00a9\n\rhalf\n');
  });

  test('a line is held until it ends or the container does', async () => {
    write('one\ntwo');
    expect(await read()).toBe('one\n');
    write(' and more\nthree');
    expect(await read()).toBe('one\ntwo and more\n');
    log.close();
    expect(await read()).toBe('one\ntwo and more\nthree');
  });

  test('nothing is left when it is removed', () => {
    write('one\n');
    log.remove();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('which lines', () => {
  test.each([
    [0, ''],
    [1, 'line 6\n'],
    [2, 'line 5\nline 6\n'],
    [100, 'line 1\nline 2\nline 3\nline 4\nline 5\nline 6\n'],
  ])('the last %i', async (tailLines, expected) => {
    write('line 1\nline 2\nline 3\n');
    write('line 4\nline 5\nline 6\n');
    expect(await read({ tailLines })).toBe(expected);
  });

  test('tail counts pieces of 16384 bytes, so a long line may lose its head', async () => {
    write(`${'x'.repeat(40_000)}\nafter\n`);
    expect(await read({ tailLines: 1 })).toBe('after\n');
    expect(await read({ tailLines: 2 })).toBe(`${'x'.repeat(7232)}\nafter\n`);
    expect(await read({ tailLines: 4 })).toBe(`${'x'.repeat(40_000)}\nafter\n`);
    expect((await read({ timestamps: true })).match(/Z /g)).toHaveLength(2);
  });

  test('tail in a log of many blocks', async () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `line ${index}`);
    for (let from = 0; from < lines.length; from += 1000) {
      write(`${lines.slice(from, from + 1000).join('\n')}\n`);
    }
    expect(await read({ tailLines: 50_000 })).toBe(`${lines.slice(50_000).join('\n')}\n`);
  });

  test('since an instant, that instant included', async () => {
    write('early\n');
    await new Promise((resolve) => setTimeout(resolve, 5));
    write('late\nlater\n');
    const stamp = stamped.exec((await read({ timestamps: true })).split('\n')[1] ?? '')?.[1] ?? '';
    const sinceTime = Date.parse(stamp.slice(0, 23).concat('Z')) + Number(stamp.slice(23, 29)) / 1e6;
    expect(await read({ sinceTime })).toBe('late\nlater\n');
    expect(await read({ sinceTime, tailLines: 1 })).toBe('later\n');
    expect(await read({ sinceTime: Date.now() + 10_000 })).toBe('');
  });

  test('no more than limitBytes, in the middle of a line if need be', async () => {
    write('line 1\nline 2\n');
    expect(await read({ limitBytes: 10 })).toBe('line 1\nlin');
    expect(await read({ limitBytes: 3, tailLines: 1 })).toBe('lin');
  });
});

describe('time stamps', () => {
  test('nine digits, each later than the one before, within one write and over several', async () => {
    write('a\nb\n');
    write('c\n');
    const lines = (await read({ timestamps: true })).trimEnd().split('\n');
    const stamps = lines.map((line) => stamped.exec(line)?.[1] ?? '');
    expect(lines.map((line) => stamped.exec(line)?.[2])).toEqual(['a', 'b', 'c']);
    expect([...new Set(stamps)].sort()).toEqual(stamps);
  });
});

describe('following', () => {
  test('gives lines as they come and ends with the container', async () => {
    write('before\n');
    const following = read({ follow: true });
    write('during\nla');
    await new Promise(setImmediate);
    write('st');
    log.close();
    expect(await following).toBe('before\nduring\nlast');
  });

  test('from the end on, with tailLines=0', async () => {
    write('before\n');
    const following = read({ follow: true, tailLines: 0 });
    await new Promise(setImmediate);
    write('after\n');
    log.close();
    expect(await following).toBe('after\n');
  });

  test('ends without an error when the client has gone', async () => {
    const client = new AbortController();
    const following = read({ follow: true, signal: client.signal });
    client.abort();
    expect(await following).toBe('');
  });

  test('a reader that takes its time misses nothing and holds nothing up', async () => {
    const { signal } = new AbortController();
    const reader = readLog(log, { follow: true, timestamps: false, signal });
    let expected = '';
    for (let index = 0; index < 2000; index += 1) {
      const text = `${index} ${'y'.repeat(1000)}\n`;
      expected += text;
      write(text);
      if (index === 100) {
        await reader.next().then(({ value }) => {
          expected = expected.slice(value === undefined ? 0 : value.length);
        });
      }
    }
    log.close();
    let rest = '';
    for await (const chunk of reader) {
      rest += chunk.toString();
    }
    expect(rest).toBe(expected);
  });
});

describe('rotation', () => {
  const size = 20_000;
  let number = 0;

  beforeEach(() => {
    log = new LogFile(folder, size);
    number = 0;
  });

  /** Lines of a hundred bytes, one write each. */
  function lines(count: number): string {
    const before = number;
    for (; number < before + count; number += 1) {
      write(`${String(number).padStart(99, '0')}\n`);
    }
    return Array.from({ length: count }, (_, index) => `${String(before + index).padStart(99, '0')}\n`).join(
      '',
    );
  }

  test('leaves the newest file alone to new readers, also with tailLines', async () => {
    const written = lines(250);
    const served = await read();
    expect(written.endsWith(served)).toBe(true);
    expect(served.length).toBeLessThan(written.length / 2);
    expect(await read({ tailLines: 1000 })).toBe(served);
    expect(await read({ tailLines: 1 })).toBe(written.slice(-100));
  });

  test('loses nothing for a follower that keeps up', async () => {
    const following = read({ follow: true });
    let expected = '';
    for (let round = 0; round < 40; round += 1) {
      expected += lines(20);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    log.close();
    expect(await following).toBe(expected);
  });

  test('leaves a follower that is behind in its file: it gets that to the end, then nothing, then the end', async () => {
    const { signal } = new AbortController();
    const reader = readLog(log, { follow: true, timestamps: false, signal });
    const first = lines(20);
    const { value } = await reader.next();
    lines(600);
    log.close();
    let got = Buffer.from(value ?? []).toString();
    for await (const chunk of reader) {
      got += chunk.toString();
    }
    expect(got.startsWith(first)).toBe(true);
    expect(got.length).toBeGreaterThan(15_000);
    expect(got.length).toBeLessThan(21_000);
  });
});
