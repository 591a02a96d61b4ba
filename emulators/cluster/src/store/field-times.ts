import { equalJson, isObject } from '../json.js';
import type { KubeObject } from '../objects.js';

/**
 * A write that would change nothing but when its fields were set is no change: a Secret that is applied again as
 * `stringData` is one (IgnoreManagedFieldsTimestampsTransformer in k8s.io/apiserver).
 */
export function keepFieldTimes(draft: KubeObject, old: KubeObject): void {
  const { managedFields: ours, ...metadata } = draft.metadata;
  const { managedFields: theirs, ...before } = old.metadata;
  if (ours === undefined || theirs === undefined) return;
  const isSame =
    equalJson(ours.map(withoutTime), theirs.map(withoutTime)) &&
    equalJson({ ...draft, metadata }, { ...old, metadata: before });
  if (isSame) draft.metadata.managedFields = theirs;
}

const withoutTime = (entry: unknown): unknown => (isObject(entry) ? { ...entry, time: undefined } : entry);
