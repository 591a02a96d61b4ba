import { mapLimit } from '@cloudemy/async';
import { type ApiResource, ApplyError, applyDocument } from '@cloudemy/k8s';
import { requestsAtOnce } from '../cluster/concurrency.js';
import { adoptionFaults } from './adopt.js';
import type { ApplyTarget } from './apply-target.js';
import { labelsFor } from './labels.js';
import { type Fault, faultAt, fromServer } from './manifest-errors.js';
import type { StoredDeployment } from './model.js';
import type { PlannedObject } from './plan.js';

/** An object that the cluster would take. */
export interface AcceptedObject {
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

/**
 * Asks the cluster what it would make of every object (a server-side dry run): nothing is changed.
 *
 * @param before the inventory of the deployment that this would update
 */
export async function dryRun(
  target: ApplyTarget,
  objects: readonly PlannedObject[],
  before: StoredDeployment | null,
  signal: AbortSignal,
): Promise<{ accepted: AcceptedObject[]; faults: Fault[] }> {
  const known = new Set(before?.objects.map(({ uid }) => uid) ?? []);
  const outcomes = await mapLimit(objects, requestsAtOnce, async (planned) => {
    try {
      return await dryRunOne(target, planned, known, signal);
    } catch (error) {
      if (!(error instanceof ApplyError)) throw error;
      return error.problems.map((problem) => fromServer(planned.document, problem));
    }
  });
  return {
    accepted: outcomes.flatMap((outcome) => (Array.isArray(outcome) ? [] : [outcome])),
    faults: outcomes.flatMap((outcome) => (Array.isArray(outcome) ? outcome : [])),
  };
}

async function dryRunOne(
  target: ApplyTarget,
  planned: PlannedObject,
  known: ReadonlySet<string | null>,
  signal: AbortSignal,
): Promise<AcceptedObject | Fault[]> {
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
  const faults = isForeign ? await adoptionFaults(target, planned, resource, object) : [];
  if (faults.length > 0) return faults;
  return { planned, resource, isNew, resourceVersion, isForeign, warnings: [...planned.notes, ...warnings] };
}
