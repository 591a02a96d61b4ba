import type { Admin } from '@cloudemy/emulator-stack';
import { removeDeployed } from './leftovers.js';

export interface RunningStack {
  backendUrl: string;
  deployerUrl: string;
  kubeconfig: string;
  namespace: string;
  /** The run's own name: begins the name of nothing else in the cluster. */
  run: string;
  /** What the scheduler's Jobs are labelled with. */
  instance: string;
  /** Lets people in, where they sign in. */
  admin: Admin;
  /** The cluster is there when the run is over: what the tests deployed must not be. */
  clusterStays: boolean;
  /** Ends what was started for this run. */
  close: () => Promise<void>;
}

let running: RunningStack | undefined;

/** jest gives setup and teardown nothing to share but the module they both import. */
export function keepStack(stack: RunningStack): void {
  running = stack;
}

/** Ends the stack of this run and leaves nothing of it behind. Calling again does nothing. */
export async function endStack(): Promise<void> {
  if (running === undefined) return;
  const { close, clusterStays, kubeconfig, namespace, run } = running;
  running = undefined;
  try {
    await close();
  } finally {
    if (clusterStays) await removeDeployed(kubeconfig, namespace, run);
  }
}
