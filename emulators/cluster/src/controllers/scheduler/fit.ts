import { asObject, asString, at } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import type { Pod } from '../../kubelet/pod.js';
import { isSidecar } from '../../kubelet/pod.js';
import { quantity } from '../../schema/quantity.js';

/** Amounts by resource name, in base units. */
export type Amounts = Map<string, number>;

function add(sums: Amounts, more: Record<string, string> | undefined): void {
  for (const [name, amount] of Object.entries(more ?? {})) {
    sums.set(name, (sums.get(name) ?? 0) + quantity(amount));
  }
}

/** What a pod requests: its containers together, or its largest init container if that is more. */
export function requestsOf(pod: Pod): Amounts {
  const sums: Amounts = new Map([['pods', 1]]);
  for (const container of pod.spec.containers) {
    add(sums, container.resources?.requests);
  }
  for (const container of pod.spec.initContainers ?? []) {
    if (isSidecar(container)) {
      add(sums, container.resources?.requests);
      continue;
    }
    for (const [name, amount] of Object.entries(container.resources?.requests ?? {})) {
      sums.set(name, Math.max(sums.get(name) ?? 0, quantity(amount)));
    }
  }
  add(sums, pod.spec.overhead);
  return sums;
}

/** What a node offers, from its Node object. */
export function allocatable(node: KubeObject): Amounts {
  const offered: Amounts = new Map();
  for (const [name, amount] of Object.entries(asObject(at(node, 'status', 'allocatable')))) {
    offered.set(name, quantity(asString(amount)));
  }
  return offered;
}

/** The node selector; affinity is not looked at. */
function selected(pod: Pod, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {};
  const wanted = Object.entries(pod.spec.nodeSelector ?? {});
  return wanted.every(([key, value]) => labels[key] === value);
}

/** Why a pod does not fit, in the scheduler's words, with the nodes counted; and whether it would on an empty node. */
export interface Misfit {
  reasons: string[];
  /** Other pods ending would help. */
  hopeful: boolean;
}

/** Looks whether a pod fits on a node that already runs pods which request `used`. */
export function misfit(pod: Pod, node: KubeObject, used: Amounts): Misfit | undefined {
  if (at(node, 'spec', 'unschedulable') === true) {
    return { reasons: ['1 node(s) were unschedulable'], hopeful: false };
  }
  if (!selected(pod, node)) {
    return { reasons: ["1 node(s) didn't match Pod's node affinity/selector"], hopeful: false };
  }
  const offered = allocatable(node);
  const reasons: string[] = [];
  let hopeful = true;
  for (const [name, amount] of requestsOf(pod)) {
    const capacity = offered.get(name) ?? 0;
    if (amount > 0 && amount + (used.get(name) ?? 0) > capacity) {
      reasons.push(name === 'pods' ? '1 Too many pods' : `1 Insufficient ${name}`);
      hopeful &&= amount <= capacity;
    }
  }
  return reasons.length === 0 ? undefined : { reasons, hopeful };
}

/** The message of a FailedScheduling event and of the condition PodScheduled. */
export function unschedulableMessage({ reasons, hopeful }: Misfit): string {
  const why = reasons.join(', ');
  const preemption = hopeful
    ? '1 No preemption victims found for incoming pod.'
    : '1 Preemption is not helpful for scheduling.';
  return `0/1 nodes are available: ${why}. no new claims to deallocate, preemption: 0/1 nodes are available: ${preemption}`;
}
