// `npm run images:check`: brings the compose stack up from nothing, in a project of its own, and checks what an operator
// relies on: nobody is root or writes to a root file system, the end-to-end suite passes against it, and SIGTERM ends
// every container in time with exit code 0. COMPOSE_FILE adds docker-compose.offline.yml where no registry is.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopRunner } from './stop-runner.mjs';

/** Seconds until Docker kills what was told to stop; the services give themselves 20. */
const graceSeconds = 30;

/** @returns the exit code */
export async function check({ root, env: outer }) {
  const env = { ...outer, ...(await placeOfItsOwn()), SUBNET: outer.SUBNET ?? '10.208.83' };
  const docker = (...args) => output('docker', args, { cwd: root, env });
  const inspect = async (...ids) => JSON.parse(await docker('inspect', ...ids));
  const folder = await mkdtemp(join(tmpdir(), 'cloudemy-check-'));
  try {
    say('Bringing the stack up from nothing …');
    await docker('compose', 'build', 'runner');
    await docker('compose', 'up', '--build', '--wait', '--quiet-pull');
    const containers = await inspect(...words(await docker('compose', 'ps', '--all', '--quiet')));
    const faults = containers.flatMap(hardening);

    say('Running the end-to-end suite against it …');
    const kubeconfig = join(folder, 'kubeconfig');
    const written = await docker('compose', 'exec', '--no-TTY', 'cluster', 'cat', '/cluster/kubeconfig');
    await writeFile(kubeconfig, written.replace('//cluster:6443', `//127.0.0.1:${env.CLUSTER_PORT}`));
    const suite = spawn('pnpm', ['--filter', '@cloudemy/e2e', 'run', 'e2e'], {
      cwd: root,
      env: {
        ...env,
        E2E_BACKEND_URL: `http://127.0.0.1:${env.BACKEND_PORT}`,
        E2E_DEPLOYER_URL: `http://127.0.0.1:${env.DEPLOYER_PORT}`,
        E2E_KUBECONFIG: kubeconfig,
        E2E_RUNNER_NAMESPACE: 'cloudemy-runners',
      },
      stdio: 'inherit',
    });
    if ((await exitCode(suite)) !== 0) faults.push('the end-to-end suite did not pass');

    say('Telling every container to stop …');
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const image = `cloudemy/runner:${env.CLOUDEMY_TAG ?? version}`;
    faults.push(...(await stopRunner(docker, { image, graceSeconds })));
    // As `docker compose down` does: first what depends on the others.
    await docker('compose', 'stop', '--timeout', String(graceSeconds));
    const ended = await inspect(...containers.map(({ Id }) => Id));
    faults.push(...ended.flatMap(ending));

    for (const fault of faults) process.stdout.write(`FAILED: ${fault}\n`);
    if (faults.length === 0)
      process.stdout.write(`All ${containers.length} containers and the runner are as they should be.\n`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await docker('compose', 'down', '--volumes', '--timeout', '1');
    await rm(folder, { recursive: true, force: true });
  }
}

/** A name, ports and addresses that a stack which is up already does not have. */
async function placeOfItsOwn() {
  const names = ['BACKEND_PORT', 'DEPLOYER_PORT', 'FRONTEND_PORT', 'CLUSTER_PORT', 'REDIS_PORT', 'LLM_PORT'];
  const servers = names.map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => String(server.address().port));
  for (const server of servers) server.close();
  const free = Object.fromEntries(names.map((name, index) => [name, ports[index]]));
  return { ...free, COMPOSE_PROJECT_NAME: 'cloudemy-check', COMPOSE_PROFILES: 'embedded' };
}

/** What of a container's rights is more than it needs. */
function hardening({ Name, Config, HostConfig }) {
  const faults = [];
  if (!/^[1-9]\d*(:[1-9]\d*)?$/.test(Config.User)) faults.push(`${Name} runs as user "${Config.User}"`);
  if (!HostConfig.ReadonlyRootfs) faults.push(`${Name} may write to its root file system`);
  if (!HostConfig.CapDrop?.includes('ALL')) faults.push(`${Name} keeps capabilities`);
  if (HostConfig.Privileged) faults.push(`${Name} is privileged`);
  return faults;
}

/** How a container ended that was told to: 143 is a program that does not listen, 137 one that had to be killed. */
function ending({ Name, State }) {
  return State.ExitCode === 0 ? [] : [`${Name} ended with ${State.ExitCode} on SIGTERM`];
}

/** What a program prints; what it says besides goes to the user. */
async function output(program, args, options) {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  const code = await exitCode(child);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}.`);
  return Buffer.concat(chunks).toString();
}

function exitCode(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

const words = (text) => text.trim().split(/\s+/);

function say(line) {
  process.stderr.write(`${line}\n`);
}
