// From a bare checkout to a running command. Needs Node 20 and a package registry, nothing else: it brings
// pnpm, the dependencies and Node 26 (a dependency), builds, and runs the command on those.
// Plain JavaScript without dependencies, as nothing is installed yet when it starts.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');
const [command = 'help', ...args] = process.argv.slice(2);

const env = {
  ...process.env,
  PATH: [bin, process.env.PATH].join(delimiter),
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
};
// Commands run in folders of their own: a relative path is meant from where the user is.
if (env.E2E_KUBECONFIG) env.E2E_KUBECONFIG = resolve(env.INIT_CWD ?? '.', env.E2E_KUBECONFIG);

/** The commands that are a program of the workspace: its file, run with the arguments as given. */
const programs = {
  start: 'scripts/start/dist/main.js',
  bench: 'checks/bench/dist/main.js',
  fuzz: 'checks/fuzz/dist/main.js',
  chaos: 'checks/chaos/dist/main.js',
  deploy: 'deploy/dist/commands/deploy.js',
  'deploy:upgrade-check': 'deploy/dist/commands/upgrade-check.js',
  undeploy: 'deploy/dist/commands/undeploy.js',
  attacks: 'apps/runner/dist/commands/attacks.mjs',
  verify: 'packages/receipts/dist/cli.js',
  screenshots: 'apps/frontend/dist/testing/screenshots.js',
  'dead-letters': 'apps/backend/dist/commands/dead-letters.js',
  'create-admin': 'apps/backend/dist/commands/create-admin.js',
};

const commands = {
  setup: async () => {
    await install();
    await build();
    useHooks();
  },
  test: async () => {
    await install();
    const { test } = await import('./test.mjs');
    process.exitCode = await test({ root, env, args, build });
  },
  e2e: async () => {
    await install();
    await build();
    await become('pnpm', ['--filter', '@cloudemy/e2e', 'run', 'e2e', ...args]);
  },
  'images:check': async () => {
    await install();
    await build();
    const { check } = await import('./images/check.mjs');
    process.exitCode = await check({ root, env });
  },
};

if (Number(process.versions.node.split('.')[0]) < 20) {
  fail(`Node ${process.versions.node} is too old: Cloudemy needs Node 20 or newer.`);
}
for (const [name, file] of Object.entries(programs)) {
  commands[name] = async () => {
    await install();
    await build();
    await become('node', [join(root, file), ...args]);
  };
}
if (command === 'start' && !args.includes('--help')) needRedis();
if (!Object.hasOwn(commands, command)) {
  fail(`Usage: node scripts/bootstrap.mjs ${Object.keys(commands).join('|')} [arguments]`);
}
await commands[command]();

/** Installs what the lockfile says, unless that was done already for this very lockfile. */
async function install() {
  const stamp = join(root, 'node_modules', '.cloudemy-lockfile');
  const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfile) return;
  say('Installing dependencies …');
  const pnpm = join(root, 'scripts', 'pnpm');
  // By a lockfile of its own, whose hashes npm holds it to; `npx` would take what a registry gives.
  await step(
    'npm',
    ['install', '--prefix', pnpm, '--no-save', '--no-fund', '--no-audit', '--loglevel=error'],
    'Fetching pnpm failed',
  );
  await step(
    join(pnpm, 'node_modules', '.bin', 'pnpm'),
    ['install', '--frozen-lockfile'],
    'Installing the dependencies failed',
  );
  needNode();
  writeFileSync(stamp, lockfile);
}

/** Node 26 comes with the dependencies for Linux and macOS, x64 and arm64; where it does not run, the machine's own must. */
function needNode() {
  const { status, stderr, error } = spawnSync(join(bin, 'node'), ['--version'], { encoding: 'utf8' });
  if (status === 0) return;
  const { platform, arch, versions } = process;
  if (Number(versions.node.split('.')[0]) >= 24) {
    rmSync(join(bin, 'node'), { force: true });
    return;
  }
  const why =
    error?.code === 'ENOENT' ? `no package brings it for ${platform} on ${arch}` : (stderr ?? '').trim();
  const cure = why.includes('libatomic')
    ? 'Install libatomic1 (apt-get install libatomic1, dnf install libatomic), or'
    : 'Install';
  fail(
    `Node 26 does not run here: ${why}\n${cure} Node 24 or newer in place of ${versions.node}, and try again.`,
  );
}

/** The one part that no package of the workspace brings: said before minutes of installing and building. */
function needRedis() {
  if (env.REDIS_URL || existsSync(join(root, '.cache', 'redis'))) return;
  const folders = env.PATH.split(delimiter);
  const has = (name) => folders.some((folder) => existsSync(join(folder, name)));
  if (['redis-server', 'valkey-server', 'apt-get'].some(has)) return;
  fail(
    'Cloudemy needs Redis, and this machine has neither redis-server nor valkey-server, nor an apt-get to fetch one with. ' +
      'Install one (brew install redis, dnf install valkey, apk add redis), or set REDIS_URL to one that runs.',
  );
}

/** Has git format what is committed, unless somebody chose other hooks. */
function useHooks() {
  const git = (...gitArgs) => spawnSync('git', gitArgs, { cwd: root, encoding: 'utf8' });
  if (git('config', 'core.hooksPath').status !== 0 && existsSync(join(root, '.git'))) {
    git('config', 'core.hooksPath', '.githooks');
  }
}

async function build() {
  say('Building …');
  await step('turbo', ['run', 'build', '--output-logs=errors-only'], 'The build failed');
}

/** Runs one step quietly: what it says is shown only when it fails, so that stdout stays the command's own. */
async function step(program, programArgs, failure) {
  const output = [];
  const begun = performance.now();
  const waiting = setInterval(() => {
    const seconds = Math.round((performance.now() - begun) / 1_000);
    const last = Buffer.concat(output).toString().trimEnd().split('\n').at(-1) ?? '';
    say(`  still at it after ${seconds} s: ${last === '' ? program : last.slice(0, 150)}`);
  }, 15_000);
  const child = spawn(program, programArgs, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const code = await ended(child, program);
  clearInterval(waiting);
  if (code === 0) return;
  process.stderr.write(Buffer.concat(output));
  fail(`${failure} (${[program, ...programArgs].join(' ')} ended with ${code}; its output is above).`);
}

/** Runs the command in front of the user. Signals reach it through the terminal's process group or from here. */
async function become(program, programArgs) {
  const child = spawn(program, programArgs, { cwd: root, env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // Ctrl-C has reached the child already; only a signal sent to this process alone must be passed on.
      if (signal !== 'SIGINT') child.kill(signal);
    });
  }
  process.exitCode = await ended(child, program);
}

function ended(child, program) {
  return new Promise((resolve) => {
    child.once('error', (error) => fail(`${program} cannot be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(sentence) {
  say(sentence);
  process.exit(1);
}
