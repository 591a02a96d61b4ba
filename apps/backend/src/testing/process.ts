import { until } from '@cloudemy/testing';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Env, type Replica, replicaAt } from './harness.js';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const running = new Set<ChildProcess>();

export interface BackendProcess extends Replica {
  /** As the kernel does it when memory runs out: without a word. */
  kill(): Promise<void>;
}

/** A backend of its own process, as it runs in production. */
export async function startProcess(env: Env): Promise<BackendProcess> {
  const child = spawn(process.execPath, [main], {
    env: { ...env, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve, reject) => {
    lines.on('line', (line) => {
      const entry: unknown = JSON.parse(line);
      if (typeof entry === 'object' && entry !== null && 'port' in entry) resolve(Number(entry.port));
    });
    child.once('exit', (code) => {
      reject(new Error(`the backend ended with ${code}`));
    });
  });
  const replica = replicaAt(port, () => Promise.resolve(child.kill('SIGKILL')));
  await until(async () => (await fetch(`${replica.base}/users`)).status === 200);
  return {
    ...replica,
    kill: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      running.delete(child);
    },
  };
}

/** Kills the processes that a test left. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
}
