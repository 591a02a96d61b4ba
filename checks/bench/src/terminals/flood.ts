import { setTimeout as sleep } from 'node:timers/promises';
import { type Terminal, outputUntil } from './terminal.js';

/** Without its end; the terminal makes two bytes of that. */
const line = 'x'.repeat(99);
const lineOnTerminal = line.length + 2;

const begin = 'BEGIN\r\n';
const end = 'END\r\n';
/** Milliseconds after which output is taken to have stopped. */
const timeoutMs = 180_000;

/**
 * Has the shell write a flood and reads it to its end.
 *
 * @param size of the output in bytes, before the terminal turns line ends into two
 * @returns bytes read and milliseconds they took, from the first to the last
 * @throws Error when a byte is missing or too many
 */
export async function readFlood(terminal: Terminal, size: number): Promise<{ bytes: number; took: number }> {
  const lines = linesOf(size);
  const expected = lines * lineOnTerminal;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let head: Buffer | undefined = Buffer.alloc(0);
  let start = 0;
  let received = 0;
  let tail = '';
  const take = (chunk: Buffer): void => {
    const left = expected - received;
    received += chunk.length;
    if (chunk.length <= left) return;
    tail += chunk.toString('latin1', Math.max(0, left));
    if (tail.length < end.length) return;
    if (tail.startsWith(end)) resolve(performance.now() - start);
    else reject(new Error(`of ${expected} bytes some are missing or too many: they end with ${tail}`));
  };
  terminal.listen((chunk) => {
    if (head === undefined) {
      take(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const at = head.indexOf(begin);
    if (at < 0) return;
    const first = head.subarray(at + begin.length);
    head = undefined;
    start = performance.now();
    take(first);
  });
  const late = setTimeout(
    () => reject(new Error(`the output stopped after ${received} of ${expected} bytes`)),
    timeoutMs,
  );
  terminal.type(command(lines));
  const took = await promise.finally(() => clearTimeout(late));
  return { bytes: expected, took };
}

/**
 * Has the shell write a flood, reads its beginning, and then nothing for a while. The rest is never read.
 *
 * @param size of the output in bytes
 * @param stallMs how long nothing is read
 */
export async function stallFlood(terminal: Terminal, size: number, stallMs: number): Promise<void> {
  await outputUntil(terminal, begin, () => terminal.type(command(linesOf(size))));
  terminal.pause();
  terminal.listen(() => undefined);
  await sleep(stallMs);
}

const linesOf = (size: number): number => Math.floor(size / (line.length + 1));

/** The marks are spelled so that the echo of the command does not hold them. */
const command = (lines: number): string =>
  `printf 'BEG''IN\\n'; yes ${line} 2>/dev/null | head -n ${lines}; printf 'E''ND\\n'\n`;
