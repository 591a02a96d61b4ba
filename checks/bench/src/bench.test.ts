import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { UsageError, parseOptions } from './options.js';
import { meetsGoals, quantileOf, rowOf } from './report/report.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

async function bench(...args: string[]): Promise<{ code: unknown; output: string }> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = text(child.stdout);
  const [code]: unknown[] = await once(child, 'exit');
  return { code, output: await output };
}

test('the benchmarks of the deployer run to their end and report', async () => {
  const names = ['terminal-echo', 'terminal-output', 'logs', 'deploy'];
  const { code, output } = await bench(...names, '--quick');
  const reports: unknown[] = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  // Goals mean nothing at these sizes: met or missed, it must have come to its end.
  expect([0, 1]).toContain(code);
  expect(reports).toMatchObject(names.map((name) => ({ bench: name, rounds: 1 })));
}, 60_000);

test('a quantile lies between its neighbours in proportion', () => {
  expect(quantileOf([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantileOf([10, 20], 0.99)).toBeCloseTo(19.9);
  expect(quantileOf([7], 0.99)).toBe(7);
});

test('a goal is met or missed by the figure it names', () => {
  const rows = (bound: number) => [
    rowOf('slower', 'ms', [20, 30, 40], { baseline: 20, goal: { of: 'ratio', is: 'at most', bound } }),
  ];
  expect(rows(1.5)[0]).toMatchObject({ min: 20, median: 30, max: 40, ratio: 1.5, goal: { met: true } });
  const report = { bench: 'one', rounds: 3, about: '' };
  expect(meetsGoals({ ...report, rows: rows(1.5) })).toBe(true);
  expect(meetsGoals({ ...report, rows: rows(1.4) })).toBe(false);
  const growth = rowOf('memory', 'MiB', [1, 17], { goal: { of: 'max', is: 'at most', bound: 16 } });
  expect(meetsGoals({ ...report, rows: [growth] })).toBe(false);
});

test('the command line names benchmarks or all of them, and nothing else', () => {
  const known = ['one', 'two'];
  expect(parseOptions(['all', '3', '--quick'], known)).toMatchObject({
    names: known,
    rounds: 3,
    quick: true,
  });
  expect(parseOptions(['--', 'one', '--kubeconfig', 'file'], known).kubeconfig).toBe('file');
  for (const wrong of [[], ['three'], ['one', '0'], ['one', '1', '2'], ['one', '--fast']]) {
    expect(() => parseOptions(wrong, known)).toThrow(UsageError);
  }
});
