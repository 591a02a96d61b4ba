import { setTimeout as sleep } from 'node:timers/promises';
import type { UnknownObject } from '@cloudemy/k8s';
import type { ClusterObjects } from '../cluster/cluster-objects.js';
import { type Workload, describeObject, isWorkload } from '../manifests/objects.js';
import { findProblem } from './find-problem.js';
import { isLive, isRolledOut } from './workload-state.js';

/** Not everything became ready; the message names what did not, and why. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
}

export interface WaitOptions {
  timeoutMs: number;
  /** Milliseconds a problem may last before it is given up: most heal while others start. */
  patienceMs: number;
  onReady: (workload: string) => void;
  onProblem: (workload: string, problem: string) => void;
}

const pollMs = 1_000;

/**
 * Waits until the pods of all Deployments and StatefulSets are ready.
 *
 * @throws NotReady when time or patience is over
 */
export async function waitUntilReady(
  objects: ClusterObjects,
  manifests: readonly UnknownObject[],
  options: WaitOptions,
): Promise<void> {
  const waiting = new Set(manifests.filter(isWorkload));
  const problems = new Map<Workload, { words: string; since: number }>();
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    for (const workload of waiting) {
      const live = await objects.read(workload);
      if (live !== undefined && isLive(live) && isRolledOut(live)) {
        waiting.delete(workload);
        options.onReady(describeObject(workload));
        continue;
      }
      const words = live !== undefined && isLive(live) ? await findProblem(objects, live) : undefined;
      note(workload, words);
    }
    if (waiting.size === 0) return;
    const now = performance.now();
    const hopeless = [...problems.values()].some(({ since }) => now - since > options.patienceMs);
    if (hopeless || now > deadline) throw new NotReady(summary());
    await sleep(pollMs);
  }

  function note(workload: Workload, words: string | undefined): void {
    const known = problems.get(workload);
    if (words === undefined) {
      problems.delete(workload);
      return;
    }
    problems.set(workload, { words, since: known?.since ?? performance.now() });
    if (known?.words !== words) options.onProblem(describeObject(workload), words);
  }

  function summary(): string {
    const lines = [...waiting].map((workload) => {
      const words = problems.get(workload)?.words ?? 'its pods are not ready yet';
      return `  ${describeObject(workload)}: ${words}`;
    });
    return `Not everything is ready:\n${lines.join('\n')}`;
  }
}
