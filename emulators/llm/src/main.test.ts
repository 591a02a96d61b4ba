import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from '@jest/globals';

const MAIN = join(import.meta.dirname, '../dist/main.js');
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function run(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  started.push(child);
  return child;
}

/** The object on the first line of output. */
async function ready(child: ReturnType<typeof run>): Promise<{ url: string }> {
  for await (const line of createInterface({ input: child.stdout })) {
    return JSON.parse(line) as { url: string };
  }
  throw new Error('ended without a line');
}

it('prints its URL, answers there, and ends with 0 on SIGTERM', async () => {
  const child = run('--port', '0');
  const { url } = await ready(child);
  expect((await fetch(new URL('/healthz', url))).status).toBe(200);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('ends when the process that started it is gone', async () => {
  const child = run('--exit-with-parent');
  await ready(child);
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('says what is wrong with its arguments', async () => {
  const child = run('--port', 'eighty');
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  expect(await once(child, 'close')).toEqual([2, null]);
  expect(said).toContain('--port must be a whole number');
});
