import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';

const service = new URL('../../dist/index.js', import.meta.url).href;

function start(body: string) {
  const script = `const { runService, ConfigError } = await import(${JSON.stringify(service)}); ${body}`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const config = `() => ({ LOG_LEVEL: 'info', SHUTDOWN_TIMEOUT_MS: 5000 })`;
const idle = `async ({ log }) => { setInterval(() => log.info('working'), 5); }`;

test('a service ends with 0 on SIGTERM', async () => {
  const child = start(`await runService({ name: 'test', config: ${config}, start: ${idle} });`);
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a service ends with 0 on SIGTERM while it is still starting', async () => {
  const child = start(
    `await runService({ name: 'test', config: ${config}, start: ({ log, lifecycle }) => new Promise((_, giveUp) => {
      lifecycle.onStop('start', () => giveUp(new Error('given up')));
      setInterval(() => log.info('starting'), 5);
    }) });`,
  );
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a service ends although nobody reads its log any more', async () => {
  const child = start(`await runService({ name: 'test', config: ${config}, start: ${idle} });`);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.kill('SIGTERM');
  const [code, signal]: unknown[] = await once(child, 'exit');
  expect({ code, signal }).toEqual({ code: 0, signal: null });
});

test('a bad configuration is one sentence and its own exit code', async () => {
  const child = start(
    `await runService({ name: 'test', config: () => { throw new ConfigError('PORT: is not set'); }, start: ${idle} });`,
  );
  const [chunk]: unknown[] = await once(child.stderr, 'data');
  expect(String(chunk)).toBe('test: PORT: is not set\n');
  expect(await once(child, 'exit')).toEqual([78, null]);
});

test('what nobody caught ends the process with 1', async () => {
  const child = start(
    `await runService({ name: 'test', config: ${config}, start: async () => { setTimeout(() => { throw new Error('oops'); }, 5); } });`,
  );
  child.stdout.resume();
  expect(await once(child, 'exit')).toEqual([1, null]);
});

test('what a library prints is a line of the log like any other', async () => {
  const child = start(
    `await runService({ name: 'test', config: ${config}, start: async () => { console.warn('Eviction policy is %s', 'lru'); } });`,
  );
  const [chunk]: unknown[] = await once(child.stdout, 'data');
  expect(JSON.parse(String(chunk))).toMatchObject({
    level: 'warn',
    service: 'test',
    printed: 'Eviction policy is lru',
  });
  await once(child, 'exit');
});
