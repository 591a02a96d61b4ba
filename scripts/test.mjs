// `npm test`: every check of the repository, in the order in which a failure is cheapest to see.
import { spawn } from 'node:child_process';

const checks = [
  { name: 'format', command: 'oxfmt --check .' },
  { name: 'types', command: 'tsc -b' },
  { name: 'lint', command: 'oxlint --type-aware --deny-warnings' },
  { name: 'unused code', command: 'knip' },
  { name: 'boundaries', command: 'turbo boundaries' },
  { name: 'tests', command: 'turbo run test --output-logs=full --concurrency=2 --continue' },
];

/** Runs them all, prints which failed, and a last line that counts the tests. Resolves to the exit code. */
export async function test({ root, env, args }) {
  const failed = [];
  const counts = { passed: 0, failed: 0 };
  for (const { name, command } of checks) {
    process.stdout.write(`\n== ${name}\n`);
    const [program, ...own] = command.split(' ');
    const extra = name === 'tests' ? args : [];
    const code = await run(program, [...own, ...extra], { root, env }, (line) => count(line, counts));
    if (code !== 0) failed.push(name);
  }
  process.stdout.write(failed.length === 0 ? '\nAll checks passed.\n' : `\nFailed: ${failed.join(', ')}\n`);
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
  return failed.length === 0 && counts.passed > 0 ? 0 : 1;
}

/** Adds up the closing lines of jest: `Tests:  1 failed, 2 skipped, 20 passed, 23 total`. */
function count(line, counts) {
  const summary = /\bTests:\s+(.*) total/.exec(line)?.[1];
  if (summary === undefined) return;
  counts.passed += Number(/(\d+) passed/.exec(summary)?.[1] ?? 0);
  counts.failed += Number(/(\d+) failed/.exec(summary)?.[1] ?? 0);
}

function run(program, args, { root, env }, onLine) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      process.stdout.write(chunk);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      lines.forEach(onLine);
    });
    child.once('error', (error) => {
      process.stderr.write(`${program} cannot be started: ${error.message}\n`);
      resolve(1);
    });
    child.once('close', (code) => {
      onLine(rest);
      resolve(code ?? 1);
    });
  });
}
