import { jobLabels } from '@cloudemy/contracts';
import { JOBS, type KubeObject, PODS, isNotFound, resourcePath } from '@cloudemy/k8s';
import type { World } from '../parts/world.js';

const resources = { job: JOBS, pod: PODS };

/** The runner Jobs or pods of this run there are, of any state, in the order of their names. */
export async function runnerObjects(
  { cluster, namespace, instance }: World,
  kind: 'job' | 'pod',
): Promise<KubeObject[]> {
  const path = resourcePath(resources[kind], { namespace });
  const { items } = await cluster.api.listAll(path, { labelSelector: `${jobLabels.instance}=${instance}` });
  return items.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
}

/**
 * Deletes a Job with its pods, or a pod without notice, as `kubectl delete` by hand does.
 *
 * @param pick from 0 up to 1: which
 * @returns false when there is none
 */
export async function deleteOne(world: World, kind: 'job' | 'pod', pick: number): Promise<boolean> {
  const objects = await runnerObjects(world, kind);
  const chosen = objects[Math.floor(pick * objects.length)];
  if (chosen === undefined) return false;
  const path = resourcePath(resources[kind], { namespace: world.namespace, name: nameOf(chosen) });
  try {
    await world.cluster.api.delete(path, kind === 'pod' ? { gracePeriodSeconds: 0 } : {});
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

export const nameOf = ({ metadata }: KubeObject): string => metadata.name ?? '';
