import { expect, test } from '@jest/globals';
import { LogStore, filtered, found } from './log-store.ts';

const event = (lines: string[], more: object = {}) => ({
  pod: 'p',
  container: 'c',
  restarts: 0,
  timestamp: '2026-01-01T00:00:00.5Z',
  lines,
  ...more,
});

test('a line that was cut goes on where it stopped', () => {
  const store = new LogStore();
  store.take(event(['one', 'two, the first']));
  store.take(event([' and second half', 'three'], { continues: true }));
  expect(store.rows.map(({ text }) => text)).toEqual(['one', 'two, the first and second half', 'three']);
});

test('no more rows are kept than it may, the oldest go, and how many is known', () => {
  const store = new LogStore(10);
  store.take(event(Array.from({ length: 25 }, (_, index) => `line ${index}`)));
  expect(store.rows).toHaveLength(9);
  expect(store.rows.at(-1)?.text).toBe('line 24');
  expect(store.dropped).toBe(16);
});

test('a text of the API is read with its sources and moments', () => {
  const store = new LogStore();
  store.takeText('[pod-a/main] 2026-01-01T00:00:01.000000001Z hello\nplain\n', 'job');
  expect(store.rows).toEqual([
    { text: 'hello', source: 'pod-a/main', at: '2026-01-01T00:00:01.000000001Z', gap: false },
    { text: 'plain', source: 'job', at: '', gap: false },
  ]);
});

test('a filter hides sources and lines, never the places where lines are missing', () => {
  const store = new LogStore();
  store.take(event(['\u001B[31mError\u001B[0m: x', 'fine']));
  store.take(event(['error of another'], { pod: 'q' }));
  store.takeGap({
    pod: 'p',
    container: 'c',
    restarts: 0,
    reason: 'rotated',
    message: 'lines are missing',
    missing_at_least: 1,
    after: null,
    before: null,
  });
  const rows = filtered(store.rows, { only: 'error', hidden: new Set(['q/c']) });
  expect(rows.map(({ gap }) => gap)).toEqual([false, true]);
  expect(found(store.rows, 'ERROR')).toEqual([0, 2]);
});
