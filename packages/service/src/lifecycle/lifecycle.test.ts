import { expect, test } from '@jest/globals';
import { createLogger } from '../log/logger.js';
import { withLogContext } from '../log/context.js';
import { Lifecycle } from './lifecycle.js';

const silent = createLogger('test', 'silent');

test('stops in reverse order, once, and goes on when a part fails', async () => {
  const lifecycle = new Lifecycle(silent, 1_000);
  const order: string[] = [];
  lifecycle.onStop('first', () => order.push('first'));
  lifecycle.onStop('second', async () => {
    order.push('second');
    throw new Error('no');
  });
  lifecycle.onStop('third', () => order.push('third'));
  const [one, two] = await Promise.all([lifecycle.stop('a'), lifecycle.stop('b')]);
  expect(order).toEqual(['third', 'second', 'first']);
  expect([one, two]).toEqual([false, false]);
});

test('does not wait longer than it may', async () => {
  const lifecycle = new Lifecycle(silent, 10);
  lifecycle.onStop('hangs', () => new Promise(() => {}));
  expect(await lifecycle.stop('a')).toBe(false);
});

test('what may be left is left, and the parts after it are stopped in order', async () => {
  const lifecycle = new Lifecycle(silent, 60_000);
  const order: string[] = [];
  lifecycle.onStop('after', () => order.push('after'));
  lifecycle.onStop('hangs', () => new Promise(() => {}), { leaveAfterMs: 10 });
  lifecycle.onStop('ends', () => order.push('ends'), { leaveAfterMs: 10_000 });
  expect([await lifecycle.stop('a'), order]).toEqual([true, ['ends', 'after']]);
});

test('what may be left and fails in time is a fault', async () => {
  const lifecycle = new Lifecycle(silent, 60_000);
  lifecycle.onStop('fails', () => Promise.reject(new Error('no')), { leaveAfterMs: 10_000 });
  expect(await lifecycle.stop('a')).toBe(false);
});

test('log lines carry the ids in force and no secrets', () => {
  const lines: string[] = [];
  const log = createLogger('test', 'info', { write: (line) => void lines.push(line) });
  withLogContext({ request_id: 'r1' }, () => {
    withLogContext({ submission_id: 's1' }, () => {
      const body = { code: 'hush', new_password: 'hush' };
      log.info({ result_token: 'hush', websocket_url: 'ws://host?ticket=hush', body }, 'said');
    });
  });
  expect(lines.join()).not.toContain('hush');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    request_id: 'r1',
    submission_id: 's1',
    msg: 'said',
    level: 'info',
  });
});

test('a logged error says why, and nothing of the command or record it was about', () => {
  const lines: string[] = [];
  const log = createLogger('test', 'info', { write: (line) => void lines.push(line) });
  const inner = Object.assign(new Error('refused'), { code: 'OOM', command: { args: ['AUTH', 'hush'] } });
  log.error({ err: new Error('could not enqueue', { cause: inner }) }, 'failed');
  expect(lines.join()).not.toContain('hush');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    err: { message: 'could not enqueue', cause: { message: 'refused', code: 'OOM' } },
  });
});
