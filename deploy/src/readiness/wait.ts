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
  /** Hears of what has lasted for some seconds, in one line; logs are shown at the end, of what did not heal. */
  onProblem: (workload: string, problem: string) => void;
}

const pollMs = 1_000;
/** Younger problems are mostly those of programs that are just starting. */
const tellAfterMs = 5_000;

interface Problem {
  words: string;
  since: number;
  told: Set<string>;
}

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
  const problems = new Map<Workload, Problem>();
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
    if (words === undefined) {
      problems.delete(workload);
      return;
    }
    const { since, told } = problems.get(workload) ?? { since: performance.now(), told: new Set<string>() };
    problems.set(workload, { words, since, told });
    const [line = words] = words.split('\n', 1);
    if (told.has(line) || performance.now() - since < tellAfterMs) return;
    told.add(line);
    options.onProblem(describeObject(workload), line);
  }

  function summary(): string {
    const lines = [...waiting].map((workload) => {
      const words = problems.get(workload)?.words ?? 'its pods are not ready yet';
      return `  ${describeObject(workload)}: ${words}`;
    });
    return `Not everything is ready:\n${lines.join('\n')}`;
  }
}
