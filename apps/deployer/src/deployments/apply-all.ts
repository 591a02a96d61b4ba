import { mapLimit } from '@cloudemy/async';
import type { ObjectReport } from '@cloudemy/contracts';
import { ApplyError, applyDocument } from '@cloudemy/k8s';
import { requestsAtOnce } from '../cluster/concurrency.js';
import type { ApplyTarget } from './apply-target.js';
import type { AcceptedObject } from './dry-run.js';
import { objectReference } from './identity.js';
import { labelsFor } from './labels.js';
import { wordsOf } from './manifest-errors.js';
import type { StoredObject } from './model.js';

/** What happened to one object. */
export interface AppliedObject {
  stored: StoredObject;
  report: ObjectReport;
  /** It failed in a way that leaves open whether the cluster has it. */
  inDoubt: boolean;
  /** A quota of the cluster is used up. */
  overQuota: boolean;
  /** It failed for what another try may cure. */
  isCurable: boolean;
}

/** Of the cluster, not of what was sent. */
const curable: ReadonlySet<string> = new Set(['unreachable', 'server_error', 'busy']);

/** Applied before all else: pods wait for them. */
const first = new Set(['ConfigMap', 'Secret', 'PersistentVolumeClaim', 'ServiceAccount']);
/** Applied next, so that their names and addresses are there when pods start. */
const second = new Set(['Service', 'PodDisruptionBudget', 'NetworkPolicy']);

/**
 * Applies every object, what others need first. After a failure nothing further is begun.
 *
 * @param objects each with its place in the inventory
 * @returns in the order given
 */
export async function applyAll(
  target: ApplyTarget,
  objects: readonly { accepted: AcceptedObject; stored: StoredObject }[],
): Promise<AppliedObject[]> {
  const results = new Map<StoredObject, AppliedObject>();
  let failed = false;
  for (const wave of waves(objects)) {
    await mapLimit(wave, requestsAtOnce, async ({ accepted, stored }) => {
      const result = failed ? notTried(target, stored) : await applyOne(target, accepted, stored);
      failed ||= result.report.result === 'failed';
      results.set(stored, result);
    });
  }
  return objects.flatMap(({ stored }) => results.get(stored) ?? []);
}

function waves<T extends { stored: StoredObject }>(objects: readonly T[]): T[][] {
  const waveOf = ({ stored }: T): number => (first.has(stored.kind) ? 0 : second.has(stored.kind) ? 1 : 2);
  return [0, 1, 2].map((wave) => objects.filter((object) => waveOf(object) === wave));
}

async function applyOne(
  target: ApplyTarget,
  accepted: AcceptedObject,
  stored: StoredObject,
): Promise<AppliedObject> {
  const { api, discovery, namespace, deploymentId, force } = target;
  const { document } = accepted.planned;
  try {
    const options = { namespace, labels: labelsFor(deploymentId), force };
    const { object, created, warnings } = await applyDocument(
      api,
      discovery,
      accepted.planned.object,
      options,
    );
    const { uid, name, resourceVersion } = object.metadata;
    const applied: StoredObject = {
      ...stored,
      name: name ?? stored.name,
      uid: uid ?? null,
      taken_over: stored.taken_over || accepted.isForeign,
      applied_at: new Date(),
    };
    const isSame = !created && resourceVersion !== undefined && resourceVersion === accepted.resourceVersion;
    const result = created ? 'created' : isSame ? 'unchanged' : 'updated';
    return {
      stored: applied,
      report: {
        ...objectReference(namespace, applied),
        result,
        message: null,
        warnings: [...accepted.planned.notes, ...warnings],
      },
      inDoubt: false,
      overQuota: false,
      isCurable: false,
    };
  } catch (error) {
    if (!(error instanceof ApplyError)) throw error;
    const message = error.problems
      .map(
        (problem) => `${problem.path === undefined ? '' : `${problem.path}: `}${wordsOf(document, problem)}`,
      )
      .join('; ');
    return {
      stored,
      report: { ...objectReference(namespace, stored), result: 'failed', message, warnings: [] },
      inDoubt: error.problems.some(({ code }) => code === 'unreachable' || code === 'server_error'),
      overQuota: error.problems.some(({ code }) => code === 'quota_exceeded'),
      isCurable: error.problems.every(({ code }) => curable.has(code)),
    };
  }
}

function notTried({ namespace }: ApplyTarget, stored: StoredObject): AppliedObject {
  const message = 'left out, as another document failed';
  return {
    stored,
    report: { ...objectReference(namespace, stored), result: 'not_tried', message, warnings: [] },
    inDoubt: false,
    overQuota: false,
    isCurable: false,
  };
}
