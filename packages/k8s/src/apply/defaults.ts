import { isRecord } from '../objects/is-record.js';
import type { UnknownObject } from '../objects/types.js';
import { child } from '../policy/findings.js';
import { findPodSpecs, findTemplates, kindWithGroup } from '../policy/find-pod-specs.js';

/** Kinds that the API server gives the labels of their pod template when they have none. */
const LABELLED_BY_TEMPLATE = new Set(['Job.batch', 'ReplicationController']);

/**
 * An object with what it leaves out and we do not leave to the cluster, as a copy:
 *
 * - its pods mount no token of their service account: by default the cluster would give them one;
 * - the labels of its pod template, where the API server would copy them to an object without any: ours, which are
 *   added, would keep it from doing so.
 */
export function withDefaults(document: UnknownObject): UnknownObject {
  const object = structuredClone(document);
  const kind = kindWithGroup(object.apiVersion ?? '', object.kind ?? '');
  for (const { value, certain } of findPodSpecs(object, kind)) {
    if (certain) value['automountServiceAccountToken'] ??= false;
  }
  const [template] = LABELLED_BY_TEMPLATE.has(kind) ? findTemplates(object, kind) : [];
  const metadata = template && child(template, 'metadata');
  const labels = metadata && child(metadata, 'labels');
  if (labels === undefined || hasLabels(object)) return object;
  return { ...object, metadata: { ...object.metadata, labels: textOf(labels.value) } };
}

const hasLabels = ({ metadata }: UnknownObject): boolean =>
  isRecord(metadata.labels) && Object.keys(metadata.labels).length > 0;

/** What is no text is for the server to refuse, where it stands. */
function textOf(labels: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );
}
