import { rm } from 'node:fs/promises';
import type { Stack } from '@cloudemy/local-stack';
import { removeDeployed } from './leftovers.js';

interface Running {
  stack: Stack;
  /** The run's folder. */
  data: string;
  /** Of a cluster that outlives the run. */
  kubeconfig: string | undefined;
}

let running: Running | undefined;

/** jest gives setup and teardown nothing to share but the module they both import. */
export function keepStack(stack: Running): void {
  running = stack;
}

/** Ends the stack of this run and leaves nothing of it behind. Calling again does nothing. */
export async function endStack(): Promise<void> {
  if (running === undefined) return;
  const { stack, data, kubeconfig } = running;
  running = undefined;
  try {
    await stack.close();
  } finally {
    try {
      const { instance } = stack.wiring.settings;
      if (kubeconfig !== undefined) await removeDeployed(kubeconfig, stack.namespace, instance);
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  }
}
