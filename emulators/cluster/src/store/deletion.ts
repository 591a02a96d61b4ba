import { asNumber, asString, at } from '../json.js';
import type { KubeObject } from '../objects.js';
import type { KindInfo } from '../schema/kinds.js';
import { ApiError } from './api-error.js';
import { timestamp } from './metadata.js';
import type { DeleteOptions } from './object-store.js';

/** Seconds a pod gets when its spec says nothing. */
const DEFAULT_GRACE = 30;

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

function mismatch(
  info: KindInfo,
  name: string,
  what: string,
  given: string,
  stored: string,
  why: string,
): ApiError {
  const subject = info.group === '' ? info.kind : `${info.kind}.${info.group}`;
  return new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${subject} "${name}": the ${what} in the precondition (${given}) does not match the ${what} in record (${stored}). The object might have been ${why}`,
    { name, ...(info.group === '' ? {} : { group: info.group }), kind: info.kind },
  );
}

/** @throws ApiError 409 when the stored object is not the one the client means. */
export function checkPreconditions(info: KindInfo, object: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const { metadata } = object;
  if (uid !== undefined && uid !== metadata.uid) {
    throw mismatch(info, metadata.name, 'UID', uid, metadata.uid, 'deleted and then recreated');
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const stored = metadata.resourceVersion;
    throw mismatch(info, metadata.name, 'ResourceVersion', resourceVersion, stored, 'modified');
  }
}

/** Seconds between SIGTERM and SIGKILL; only pods that may be running have any. */
function grace(info: KindInfo, object: KubeObject, options: DeleteOptions): number {
  if (info.plural !== 'pods' || info.group !== '') {
    return 0;
  }
  const phase = asString(at(object, 'status', 'phase'));
  if (!at(object, 'spec', 'nodeName') || phase === 'Succeeded' || phase === 'Failed') {
    return 0;
  }
  const wanted =
    options.gracePeriodSeconds ??
    asNumber(at(object, 'spec', 'terminationGracePeriodSeconds')) ??
    DEFAULT_GRACE;
  // A negative grace means the shortest one that is not a forced deletion.
  return wanted < 0 ? 1 : wanted;
}

function withPolicy(info: KindInfo, finalizers: readonly string[], options: DeleteOptions): string[] {
  const policy = options.propagationPolicy;
  const kept = finalizers.filter((finalizer) => finalizer !== FOREGROUND && finalizer !== ORPHAN);
  if (policy === 'Foreground') {
    return [...kept, FOREGROUND];
  }
  if (policy === 'Orphan') {
    return [...kept, ORPHAN];
  }
  if (policy === 'Background') {
    return kept;
  }
  const already = finalizers.filter((finalizer) => finalizer === FOREGROUND || finalizer === ORPHAN);
  return already.length === 0 && info.defaultPropagation === 'Orphan'
    ? [...kept, ORPHAN]
    : [...kept, ...already];
}

export interface DeletionPlan {
  /** The state to store before anything else, when it differs from the stored one. */
  marked?: KubeObject;
  /** Nothing holds the object: remove it. */
  remove: boolean;
}

/** What a DELETE does to an object: mark it, remove it, both, or nothing (it is already on its way). */
export function planDeletion(info: KindInfo, object: KubeObject, options: DeleteOptions): DeletionPlan {
  const { metadata } = object;
  const seconds = grace(info, object, options);
  const finalizers = withPolicy(info, metadata.finalizers ?? [], options);
  const known = metadata.deletionTimestamp === undefined ? undefined : metadata.deletionGracePeriodSeconds;
  const shorter = known === undefined || seconds < known;
  const samePolicy = finalizers.join() === (metadata.finalizers ?? []).join();
  const graceful = info.plural === 'pods' && info.group === '';
  const remove = finalizers.length === 0 && (known === undefined ? seconds : Math.min(seconds, known)) === 0;
  if (known !== undefined && !shorter && samePolicy) {
    return { remove };
  }
  if (remove && !graceful) {
    return { remove };
  }
  const marked: KubeObject = {
    ...object,
    metadata: {
      ...metadata,
      finalizers,
      ...(shorter
        ? {
            deletionTimestamp: timestamp(Date.now() + seconds * 1000),
            deletionGracePeriodSeconds: seconds,
          }
        : {}),
      ...(known === undefined && metadata.generation !== undefined
        ? { generation: metadata.generation + 1 }
        : {}),
    },
  };
  return { marked, remove };
}
