import { setTimeout as sleep } from 'node:timers/promises';
import type { UnknownObject } from '@cloudemy/k8s';
import type { ClusterObjects } from '../cluster/cluster-objects.js';
import { type Workload, describeObject, isWorkload } from '../manifests/objects.js';
import { type WorkloadProblem, findProblem } from './find-problem.js';
import { isLive, isRolledOut } from './workload-state.js';

/** Not everything became ready; the message names what did not, and why. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
}

export interface WaitOptions {
  timeoutMs: number;
  /** Milliseconds a problem may last before it is given up: most heal while others start. */
  graceMs: number;
  /** Told of a workload once, when it has been ready for some seconds. */
  onReady: (workload: string) => void;
  /** Told of what has lasted for some seconds, in one line; logs are shown at the end, of what did not heal. */
  onProblem: (workload: string, problem: string) => void;
}

const pollMs = 1_000;
/** Younger problems are mostly those of programs that are just starting. */
const tellAfterMs = 5_000;
/**
 * How long a workload must stay ready. A container that is about to end may pass a probe before it does, above all where
 * another program answers on its port.
 */
const steadyMs = 3_000;

/** What is known of a workload while it is waited for. */
interface Watched {
  readySince: number | undefined;
  announced: boolean;
  problem: (WorkloadProblem & { since: number }) | undefined;
  told: Set<string>;
}

/**
 * Waits until the pods of all Deployments and StatefulSets are ready, all at the same time, and stay so for some seconds.
 *
 * @throws NotReady when the time or the grace period of a problem is over
 */
export async function waitUntilReady(
  objects: ClusterObjects,
  manifests: readonly UnknownObject[],
  options: WaitOptions,
): Promise<void> {
  const watched = new Map(
    manifests
      .filter(isWorkload)
      .map((workload): [Workload, Watched] => [
        workload,
        { readySince: undefined, announced: false, problem: undefined, told: new Set() },
      ]),
  );
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    for (const [workload, state] of watched) await look(objects, workload, state, options);
    const now = performance.now();
    const states = [...watched.values()];
    if (states.every((state) => isSteady(state, now))) return;
    const hopeless = states.some(({ problem }) => {
      return problem?.starting === false && now - problem.since > options.graceMs;
    });
    if (hopeless || now > deadline) throw new NotReady(summaryOf(watched, now));
    await sleep(pollMs);
  }
}

const isSteady = ({ readySince }: Watched, now: number): boolean =>
  readySince !== undefined && now - readySince >= steadyMs;

async function look(
  objects: ClusterObjects,
  workload: Workload,
  state: Watched,
  { onReady, onProblem }: WaitOptions,
): Promise<void> {
  const live = await objects.read(workload);
  const known = live !== undefined && isLive(live) ? live : undefined;
  const now = performance.now();
  if (known !== undefined && isRolledOut(known)) {
    state.problem = undefined;
    state.readySince ??= now;
    if (state.announced || !isSteady(state, now)) return;
    state.announced = true;
    onReady(describeObject(workload));
    return;
  }
  state.readySince = undefined;
  const found = known === undefined ? undefined : await findProblem(objects, known);
  if (found === undefined) {
    state.problem = undefined;
    return;
  }
  const lasts = state.problem?.starting === found.starting ? state.problem.since : now;
  state.problem = { ...found, since: lasts };
  const [line = found.words] = found.words.split('\n', 1);
  if (found.starting || state.told.has(line) || now - lasts < tellAfterMs) return;
  state.told.add(line);
  onProblem(describeObject(workload), line);
}

function summaryOf(watched: ReadonlyMap<Workload, Watched>, now: number): string {
  const lines = [...watched]
    .filter(([, state]) => !isSteady(state, now))
    .map(([workload, { problem, readySince }]) => {
      const otherwise =
        readySince === undefined ? 'its pods are not ready yet' : 'became ready only just now';
      return `  ${describeObject(workload)}: ${problem?.words ?? otherwise}`;
    });
  return `Not everything is ready:\n${lines.join('\n')}`;
}
