import {
  type ApiResource,
  ApplyError,
  type Discovery,
  type KubeApi,
  type Policy,
  applyDocument,
} from '@cloudemy/k8s';
import { inParallel } from './in-parallel.js';
import { deploymentLabels } from './labels.js';
import { type Fault, faultAt, fromServer } from './manifest-errors.js';
import type { StoredDeployment } from './model.js';
import type { PlannedObject } from './plan.js';
import type { DeploymentStore } from './store.js';
import { takeoverFaults } from './takeover.js';

/** Requests to the cluster at a time, for one deployment. */
export const requestsAtOnce = 16;

export interface ApplyTarget {
  api: KubeApi;
  discovery: Discovery;
  policy: Policy;
  store: Pick<DeploymentStore, 'findByUid'>;
  namespace: string;
  deploymentId: string;
  force: boolean;
}

/** An object that the cluster would take. */
export interface TriedObject {
  planned: PlannedObject;
  resource: ApiResource;
  /** Whether it would be a new one. */
  isNew: boolean;
  /** Of the object that is there. */
  resourceVersion: string | undefined;
  /** It is there, not by us. */
  isForeign: boolean;
  warnings: string[];
}

/** Puts our mark on an object, by which it is found again. */
export const labelsFor = (deploymentId: string): Record<string, string> => ({
  [deploymentLabels.managedBy]: deploymentLabels.managedByValue,
  [deploymentLabels.deployment]: deploymentId,
});

/**
 * Has the cluster try out every object without changing anything.
 *
 * @param before the inventory of the deployment that this would update
 */
export async function tryOut(
  target: ApplyTarget,
  objects: readonly PlannedObject[],
  before: StoredDeployment | null,
  signal: AbortSignal,
): Promise<{ tried: TriedObject[]; faults: Fault[] }> {
  const known = new Set(before?.objects.map(({ uid }) => uid) ?? []);
  const outcomes = await inParallel(objects, requestsAtOnce, async (planned) => {
    try {
      return await tryOne(target, planned, known, signal);
    } catch (error) {
      if (!(error instanceof ApplyError)) throw error;
      return error.problems.map((problem) => fromServer(planned.document, problem));
    }
  });
  return {
    tried: outcomes.flatMap((outcome) => (Array.isArray(outcome) ? [] : [outcome])),
    faults: outcomes.flatMap((outcome) => (Array.isArray(outcome) ? outcome : [])),
  };
}

async function tryOne(
  target: ApplyTarget,
  planned: PlannedObject,
  known: ReadonlySet<string | null>,
  signal: AbortSignal,
): Promise<TriedObject | Fault[]> {
  const { api, discovery, namespace, deploymentId, force } = target;
  const { document } = planned;
  const labels = labelsFor(deploymentId);
  const options = { namespace, labels, dryRun: true, force, signal };
  const { object, created, resource, warnings } = await applyDocument(
    api,
    discovery,
    planned.object,
    options,
  );
  const { uid, resourceVersion, deletionTimestamp } = object.metadata;
  const isNew = created || planned.name === null;
  const isForeign = !isNew && !known.has(uid ?? null);
  if (!isNew && deletionTimestamp !== undefined) {
    const reason = `${document.title} is still being deleted: try again when it is gone`;
    return [faultAt(document, 'ownership', 'metadata.name', reason)];
  }
  if (isForeign && !force) {
    const reason = `${document.title} is there already and was not deployed by this service: give yours another name, or deploy with force to take it over`;
    return [faultAt(document, 'ownership', 'metadata.name', reason)];
  }
  const faults = isForeign ? await takeoverFaults(target, planned, resource, object) : [];
  if (faults.length > 0) return faults;
  return { planned, resource, isNew, resourceVersion, isForeign, warnings: [...planned.notes, ...warnings] };
}
