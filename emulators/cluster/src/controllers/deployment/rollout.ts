import { createHash } from 'node:crypto';
import { cloneJson, equalJson } from '../../json.js';
import type { Deployment, PodTemplate, ReplicaSet } from './types.js';
import { amount, HASH_LABEL } from './types.js';

/** No vowels and nothing that looks like another character: as in generated names. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A short name for a pod template, for the names and labels of its ReplicaSet and pods. */
export function templateHash(template: PodTemplate): string {
  const digest = createHash('sha256').update(JSON.stringify(template)).digest();
  return [...digest.subarray(0, 10)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

function withoutHash(template: PodTemplate): PodTemplate {
  const copy = cloneJson(template);
  delete copy.metadata?.labels?.[HASH_LABEL];
  return copy;
}

/** The ReplicaSet that was made from the Deployment's template as it is now. */
export function currentSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return sets.find((set) => {
    const { metadata = {}, spec } = withoutHash(set.spec.template);
    const wanted = deployment.spec.template;
    return (
      equalJson(spec, wanted.spec) &&
      equalJson(metadata.labels ?? {}, wanted.metadata?.labels ?? {}) &&
      equalJson(metadata.annotations ?? {}, wanted.metadata?.annotations ?? {})
    );
  });
}

/** A number, or a percentage of `whole`. */
function share(value: number | string | undefined, whole: number, round: (value: number) => number): number {
  const given = value ?? '25%';
  return typeof given === 'number' ? given : round((Number.parseFloat(given) / 100) * whole);
}

/** How far a rollout may leave the wanted number of pods. */
export function margins(deployment: Deployment): { surge: number; unavailable: number } {
  const wanted = deployment.spec.replicas ?? 1;
  if (deployment.spec.strategy?.type === 'Recreate') {
    return { surge: 0, unavailable: wanted };
  }
  const { maxSurge, maxUnavailable } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = share(maxSurge, wanted, Math.ceil);
  const unavailable = share(maxUnavailable, wanted, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, wanted) };
}

/** One change of size. */
export interface Resize {
  set: ReplicaSet;
  to: number;
}

function sizes(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + amount(set.spec.replicas), 0);
}

function availables(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + amount(set.status?.availableReplicas), 0);
}

/** The size a new ReplicaSet begins with. */
export function initialSize(deployment: Deployment, old: readonly ReplicaSet[]): number {
  const wanted = deployment.spec.replicas ?? 1;
  if (deployment.spec.strategy?.type === 'Recreate') {
    return old.some((set) => amount(set.status?.replicas) > 0) ? 0 : wanted;
  }
  return Math.max(0, Math.min(wanted, wanted + margins(deployment).surge - sizes(old)));
}

/** The next size of the new ReplicaSet: as large as the surge allows. */
function grow(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): Resize[] {
  const wanted = deployment.spec.replicas ?? 1;
  const size = amount(current.spec.replicas);
  if (size > wanted) {
    return [{ set: current, to: wanted }];
  }
  if (deployment.spec.strategy?.type === 'Recreate' && old.some((set) => amount(set.status?.replicas) > 0)) {
    return [];
  }
  const room = wanted + margins(deployment).surge - size - sizes(old);
  const to = Math.min(wanted, size + Math.max(0, room));
  return to === size ? [] : [{ set: current, to }];
}

/** Old ReplicaSets give way as far as enough pods stay available; those that are not go first. */
function shrink(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): Resize[] {
  const wanted = deployment.spec.replicas ?? 1;
  const least = wanted - margins(deployment).unavailable;
  const unavailableNew = amount(current.spec.replicas) - amount(current.status?.availableReplicas);
  let budget = sizes([current, ...old]) - least - unavailableNew;
  const left = new Map(old.map((set) => [set, amount(set.spec.replicas)]));
  const take = (set: ReplicaSet, most: number): void => {
    const taken = Math.max(0, Math.min(most, budget, left.get(set) ?? 0));
    left.set(set, (left.get(set) ?? 0) - taken);
    budget -= taken;
  };
  for (const set of old) {
    take(set, amount(set.spec.replicas) - amount(set.status?.availableReplicas));
  }
  budget = Math.min(budget, availables([current, ...old]) - least);
  for (const set of old) {
    take(set, Number.POSITIVE_INFINITY);
  }
  return [...left].filter(([set, to]) => to !== amount(set.spec.replicas)).map(([set, to]) => ({ set, to }));
}

/** What to do next to bring the Deployment to its template and size. `old` are oldest first. */
export function nextResizes(
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): Resize[] {
  const grown = grow(deployment, current, old);
  return grown.length > 0 ? grown : shrink(deployment, current, old);
}
