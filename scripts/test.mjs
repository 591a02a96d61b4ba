// `npm test`: every check of the repository, in the order in which a failure is cheapest to see.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Checking the types writes most of what the build would: the other way round both would read everything. */
const beforeBuild = [
  { name: 'format', command: 'oxfmt --check .' },
  { name: 'pages', command: 'node scripts/docs.mjs' },
  { name: 'words', command: 'node scripts/words.mjs' },
  { name: 'types', command: 'tsc -b' },
];
const afterBuild = [
  { name: 'lint', command: 'oxlint --type-aware --deny-warnings' },
  { name: 'unused code', command: 'knip' },
  { name: 'boundaries', command: 'turbo boundaries' },
];
const TESTS = 'turbo run test --output-logs=full --continue';
/**
 * Packages that take longest, the longest first: what is begun last must be short, or it is waited for alone.
 * `node scripts/jest/run.mjs` in the folder of a package tells how long it takes.
 */
const LONG = ['fuzz', 'deployer', 'chaos', 'backend', 'deploy'].map((name) => `@cloudemy/${name}`);
/** Packages at a time in each of the two lanes: with more, tests that wait for each other run into their limits. */
const AT_A_TIME = 1;

/** More failing packages than this are no accident of a busy machine: they are not run again. */
const MOST_RUN_AGAIN = 3;

/** Runs them all, prints which failed, and a last line that counts the tests. Resolves to the exit code. */
export async function test({ root, env: given, args, build }) {
  // Hundreds of processes load the same libraries.
  const env = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'), ...given };
  const failed = [];
  const check = async ({ name, command }) => {
    heading(name);
    if ((await run(command, [], { root, env })) !== 0) failed.push(name);
  };
  for (const one of beforeBuild) await check(one);
  await build();
  for (const one of afterBuild) await check(one);
  const tests = await runTests({ root, env, args });
  if (tests.failed.length > 0) failed.push('tests');

  for (const name of new Set([...tests.unsteady, ...tests.failed]))
    showFailure(name, tests.firstOutput.get(name));
  if (tests.unsteady.length > 0) {
    process.stdout.write(
      `\nFailed beside the others, passed alone (mend them): ${tests.unsteady.join(', ')}\n`,
    );
  }
  process.stdout.write(failed.length === 0 ? '\nAll checks passed.\n' : `\nFailed: ${failed.join(', ')}\n`);
  const counts = total(tests.output);
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
  return failed.length === 0 && counts.passed > 0 ? 0 : 1;
}

/**
 * Runs the tests of all packages, several at a time, and those that failed once more, each alone: what
 * passes then failed for want of the machine's attention, which is said, and is not a reason to refuse a change.
 */
async function runTests({ root, env, args }) {
  heading('tests');
  const first = new Output();
  const lanes = args.length > 0 ? [args] : [only(LONG), only(LONG.map((name) => `!${name}`))];
  const codes = await Promise.all(
    lanes.map((filters) =>
      run(TESTS, [`--concurrency=${AT_A_TIME}`, ...filters], { root, env }, (line) => first.add(line)),
    ),
  );
  const code = Math.max(...codes);
  const broken = first.broken;
  const output = new Map(first.byPackage);
  const failed = code !== 0 && broken.length === 0 ? ['turbo'] : [...broken];
  const unsteady = [];
  if (broken.length > 0 && broken.length <= MOST_RUN_AGAIN) {
    for (const name of broken) {
      heading(`${name} once more, alone`);
      const again = new Output();
      const alone = [...only([name]), '--concurrency=1'];
      if ((await run(TESTS, alone, { root, env }, (line) => again.add(line))) !== 0) continue;
      unsteady.push(name);
      failed.splice(failed.indexOf(name), 1);
      output.set(name, again.byPackage.get(name) ?? []);
    }
  }
  return { failed, unsteady, output, firstOutput: first.byPackage };
}

const only = (names) => names.map((name) => `--filter=${name}`);

/** What turbo prints, by package: `@cloudemy/backend:test: PASS …`. */
class Output {
  byPackage = new Map();
  /** The packages whose tests failed, by turbo's `Failed:    @cloudemy/backend#test, …`. */
  broken = [];

  add(line) {
    const failed = /^\s*Failed:\s+(.+)$/.exec(line)?.[1];
    if (failed !== undefined) this.broken.push(...failed.split(',').map((task) => task.trim().split('#')[0]));
    const [, name, text] = /^(\S+?):test: (.*)$/.exec(line) ?? [];
    if (name === undefined) return;
    if (!this.byPackage.has(name)) this.byPackage.set(name, []);
    this.byPackage.get(name).push(text);
  }
}

/** Adds up the closing lines of jest: `Tests:  1 failed, 2 skipped, 20 passed, 23 total`. */
function total(output) {
  const counts = { passed: 0, failed: 0 };
  for (const line of [...output.values()].flat()) {
    const summary = /\bTests:\s+(.*) total/.exec(line)?.[1];
    if (summary === undefined) continue;
    counts.passed += Number(/(\d+) passed/.exec(summary)?.[1] ?? 0);
    counts.failed += Number(/(\d+) failed/.exec(summary)?.[1] ?? 0);
  }
  return counts;
}

/** Repeats at the end what failed, where whoever reads only the end of a long log sees it. */
function showFailure(name, lines = []) {
  const start = lines.findIndex((line) => line.startsWith('FAIL '));
  const shown = lines.slice(start === -1 ? -40 : start).slice(0, 80);
  process.stdout.write(`\n== what failed in ${name}\n${shown.join('\n')}\n`);
}

function heading(text) {
  process.stdout.write(`\n== ${text}\n`);
}

function run(command, args, { root, env }, onLine = () => {}) {
  const [program, ...own] = command.split(' ');
  return new Promise((resolve) => {
    const child = spawn(program, [...own, ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
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
