import { isRecord } from '../objects/is-record.js';
import type { UnknownObject } from '../objects/types.js';

/** By these an object is known to come from a cluster: only the API server sets them. */
const MARKS = ['uid', 'resourceVersion', 'managedFields', 'selfLink', 'generation'] as const;

const METADATA = [...MARKS, 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const;

/** Labels and annotations that controllers of the cluster set. */
const CONTROLLED =
  /^(controller-uid|job-name|pod-template-hash|controller-revision-hash|(batch|pv|volume|deployment|control-plane\.alpha)\.(beta\.)?kubernetes\.io\/.*|kubectl\.kubernetes\.io\/last-applied-configuration)$/;
/** Finalizers by which the cluster guards what it made of an object. */
const FINALIZERS =
  /^(foregroundDeletion|orphan|batch\.kubernetes\.io\/job-tracking|kubernetes\.io\/pvc-protection)$/;

/** Fields of a spec that the cluster fills in, by kind. */
const SPECS: Readonly<Record<string, readonly string[]>> = {
  Job: ['selector'],
  Pod: ['nodeName'],
  Service: ['clusterIP', 'clusterIPs'],
  PersistentVolumeClaim: ['volumeName'],
};

/**
 * An object as `kubectl get -o yaml` prints it without what the cluster has added: it would be refused, or would mean
 * the very object that it was copied from. An object that comes from no cluster is returned as it is.
 *
 * @returns `removed` names the fields that were left out
 */
export function withoutExported(object: UnknownObject): { object: UnknownObject; removed: string[] } {
  const metadata: Record<string, unknown> = { ...object.metadata };
  if (!MARKS.some((mark) => isSet(metadata[mark]))) return { object, removed: [] };
  const cleaner = new Cleaner();
  const { status, ...rest } = structuredClone(object);
  if (isSet(status)) cleaner.removed.push('status');
  const copy: UnknownObject = rest;
  cleaner.drop(copy.metadata, METADATA, 'metadata');
  cleaner.cleanMetadata(copy.metadata, 'metadata');
  const { spec, kind = '' } = copy;
  if (!isRecord(spec)) return { object: copy, removed: cleaner.removed };
  const isHeadless = kind === 'Service' && spec['clusterIP'] === 'None';
  const hasOwnSelector = kind === 'Job' && spec['manualSelector'] === true;
  if (!isHeadless && !hasOwnSelector) cleaner.drop(spec, SPECS[kind] ?? [], 'spec');
  const template = spec['template'];
  if (isRecord(template) && isRecord(template['metadata'])) {
    cleaner.drop(template['metadata'], ['creationTimestamp'], 'spec.template.metadata');
    cleaner.cleanMetadata(template['metadata'], 'spec.template.metadata');
  }
  if (kind === 'Pod') cleaner.dropTokenVolume(spec);
  return { object: copy, removed: cleaner.removed };
}

class Cleaner {
  readonly removed: string[] = [];

  drop(from: object, fields: readonly string[], path: string): void {
    for (const field of fields) {
      if (!Object.hasOwn(from, field)) continue;
      if (isSet(Reflect.get(from, field))) this.removed.push(`${path}.${field}`);
      Reflect.deleteProperty(from, field);
    }
  }

  cleanMetadata(metadata: object, path: string): void {
    for (const field of ['labels', 'annotations']) {
      const words: unknown = Reflect.get(metadata, field);
      if (!isRecord(words)) continue;
      this.drop(
        words,
        Object.keys(words).filter((key) => CONTROLLED.test(key)),
        `${path}.${field}`,
      );
    }
    const finalizers: unknown = Reflect.get(metadata, 'finalizers');
    if (!Array.isArray(finalizers) || !finalizers.every((name) => FINALIZERS.test(String(name)))) return;
    this.drop(metadata, ['finalizers'], path);
  }

  /** The token of the service account, which the cluster mounts into each container by itself. */
  dropTokenVolume(spec: Record<string, unknown>): void {
    const isToken = (item: unknown): boolean =>
      isRecord(item) && String(item['name']).startsWith('kube-api-access-');
    const lists = [spec['containers'], spec['initContainers']].flatMap((list) =>
      Array.isArray(list) ? list.filter(isRecord) : [],
    );
    for (const [holder, field] of [
      [spec, 'volumes'] as const,
      ...lists.map((container) => [container, 'volumeMounts'] as const),
    ]) {
      const items: unknown = holder[field];
      if (!Array.isArray(items) || !items.some(isToken)) continue;
      holder[field] = items.filter((item) => !isToken(item));
      if (holder === spec) this.removed.push('spec.volumes[kube-api-access]');
    }
  }
}

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== null && !(isRecord(value) && Object.keys(value).length === 0);
