import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

/** The bundle as the image runs it; tests run in the package's folder. */
const program = resolve('dist/runner.js');

export interface Ended {
  code: number | null;
  /** What `kubectl logs` would show. */
  output: string;
}

export interface Running {
  ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts the bundle with exactly this environment. */
export function startBundle(env: Record<string, string>): Running {
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  return {
    ended: once(child, 'close').then(() => ({ code: child.exitCode, output })),
    kill: (signal) => void child.kill(signal),
  };
}

/** Runs the bundle to its end. */
export async function runBundle(env: Record<string, string>): Promise<Ended> {
  return await startBundle(env).ended;
}
