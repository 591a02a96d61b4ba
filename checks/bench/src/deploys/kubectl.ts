import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { BenchStack } from '../stack/bench-stack.js';

/** Whether there is a kubectl on the PATH. */
export async function hasKubectl(): Promise<boolean> {
  const child = spawn('kubectl', ['version', '--client'], { stdio: 'ignore' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

/**
 * Runs kubectl on the cluster with a text on its standard input. What it learns of the cluster it keeps between
 * runs, as it does for people.
 *
 * @throws Error in its words when it fails
 */
export async function kubectl(stack: BenchStack, args: readonly string[], input: string): Promise<void> {
  const { kubeconfig, namespace, folder } = stack;
  const options = ['--kubeconfig', kubeconfig, '--namespace', namespace, '--cache-dir', `${folder}/kubectl`];
  const child = spawn('kubectl', [...options, ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
  const complaint = text(child.stderr);
  child.stdin.end(input);
  const [code]: unknown[] = await once(child, 'exit');
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${String(code)}: ${await complaint}`);
}
