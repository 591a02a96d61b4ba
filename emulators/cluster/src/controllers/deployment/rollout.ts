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

/** The ReplicaSet that was made from the Deployment's template as it is now. */
export function currentSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const wanted = deployment.spec.template;
  return sets.find((set) => {
    const { metadata = {}, spec } = cloneJson(set.spec.template);
    delete metadata.labels?.[HASH_LABEL];
    return (
      equalJson(spec, wanted.spec) &&
      equalJson(metadata.labels ?? {}, wanted.metadata?.labels ?? {}) &&
      equalJson(metadata.annotations ?? {}, wanted.metadata?.annotations ?? {})
    );
  });
}

/** The size of the new ReplicaSet: one pod more than wanted may be there at a time. */
export function newSize(deployment: Deployment, old: readonly ReplicaSet[]): number {
  const wanted = deployment.spec.replicas ?? 1;
  const others = old.reduce((sum, set) => sum + amount(set.spec.replicas), 0);
  return Math.max(0, Math.min(wanted, wanted + 1 - others));
}

/** The sizes of the old ReplicaSets: what is not available goes at once, the others as new pods take their place. */
export function oldSizes(
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): Map<ReplicaSet, number> {
  let needed = Math.max(0, (deployment.spec.replicas ?? 1) - amount(current.status?.availableReplicas));
  const sizes = new Map<ReplicaSet, number>();
  for (const set of old) {
    const kept = Math.min(needed, amount(set.spec.replicas), amount(set.status?.availableReplicas));
    sizes.set(set, kept);
    needed -= kept;
  }
  return sizes;
}
