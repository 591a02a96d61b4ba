import { type ApiResource, type UnknownObject, checkPolicy, readObject } from '@cloudemy/k8s';
import type { ApplyTarget } from './apply-target.js';
import { deploymentLabels } from './labels.js';
import { type Fault, faultAt, fromPolicy } from './manifest-errors.js';
import type { PlannedObject } from './plan.js';

/** Objects of the product's own, such as runner Jobs, are marked by names that begin like this. */
const ownPrefix = 'cloudemy-';

/**
 * What stands against adopting an object that somebody else made. A few lines of YAML can adopt all that
 * such an object holds, so the policy is asked about what it would become and not about those lines.
 *
 * @param merged the object as the cluster would have it
 */
export async function adoptionFaults(
  { api, namespace, policy, store }: ApplyTarget,
  { document, object, name }: PlannedObject,
  resource: ApiResource,
  merged: UnknownObject,
): Promise<Fault[]> {
  const live = await readObject(api, { ...resource, namespace, name: name ?? '' });
  const refuse = (reason: string): Fault[] => [faultAt(document, 'ownership', 'metadata.name', reason)];
  const owner = live?.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner !== undefined) {
    return refuse(`${document.title} belongs to ${owner.kind} ${owner.name} and cannot be taken over`);
  }
  const manager = live?.metadata.labels?.[deploymentLabels.managedBy] ?? '';
  if (manager.startsWith(ownPrefix) && manager !== deploymentLabels.managedByValue) {
    return refuse(`${document.title} belongs to ${manager} and cannot be taken over`);
  }
  // Under a generated name it claims nothing, but is somebody's all the same.
  if ((await store.findByUid(live?.metadata.uid ?? '')) !== null) {
    return refuse(`${document.title} belongs to another deployment and cannot be taken over`);
  }
  // What the server itself wrote about the object is nobody's request.
  const asked = { ...withoutAssigned(merged, object), metadata: { name: name ?? '', namespace } };
  return checkPolicy(asked, policy, namespace).map((finding) => fromPolicy(document, finding));
}

/** Fields that the cluster fills in by itself once an object is there: its address, its volume. */
const assigned = ['clusterIP', 'clusterIPs', 'volumeName'];

/** The merged object without what the cluster has chosen and the request does not name. */
function withoutAssigned(merged: UnknownObject, asked: UnknownObject): UnknownObject {
  const { spec } = merged;
  if (typeof spec !== 'object' || spec === null) return merged;
  const named = new Set(Object.keys(asked['spec'] ?? {}));
  const kept = Object.entries(spec).filter(([field]) => !assigned.includes(field) || named.has(field));
  return { ...merged, spec: Object.fromEntries(kept) };
}
