import { randomInt, randomUUID } from 'node:crypto';
import type { KubeObject, ObjectMeta } from '../objects.js';

/** No vowels and nothing that looks like another character: the alphabet of generated names. */
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
/** A generated name is at most a DNS label. */
const LONGEST_PREFIX = 63 - SUFFIX_LENGTH;

/** A name from a `generateName`: the prefix, cut to 58 characters, and five random ones. */
export function generateName(prefix: string): string {
  let suffix = '';
  for (let index = 0; index < SUFFIX_LENGTH; index += 1) {
    suffix += NAME_ALPHABET[randomInt(NAME_ALPHABET.length)] ?? '';
  }
  return prefix.slice(0, LONGEST_PREFIX) + suffix;
}

/** RFC 3339 in whole seconds, the precision of `metav1.Time`. */
export function timestamp(milliseconds: number = Date.now()): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

export function newUid(): string {
  return randomUUID();
}

function filled<T extends object>(value: T | undefined | null): value is T {
  return value !== undefined && value !== null && Object.keys(value).length > 0;
}

/** The metadata in the server's field order, without empty fields, and with unknown fields left out. */
export function orderedMetadata(from: ObjectMeta): ObjectMeta {
  return {
    name: from.name,
    ...(from.generateName ? { generateName: from.generateName } : {}),
    ...(from.namespace ? { namespace: from.namespace } : {}),
    uid: from.uid,
    resourceVersion: from.resourceVersion,
    ...(from.generation ? { generation: from.generation } : {}),
    creationTimestamp: from.creationTimestamp,
    ...(from.deletionTimestamp ? { deletionTimestamp: from.deletionTimestamp } : {}),
    ...(from.deletionTimestamp && from.deletionGracePeriodSeconds !== undefined
      ? { deletionGracePeriodSeconds: from.deletionGracePeriodSeconds }
      : {}),
    ...(filled(from.labels) ? { labels: from.labels } : {}),
    ...(filled(from.annotations) ? { annotations: from.annotations } : {}),
    ...(filled(from.ownerReferences) ? { ownerReferences: from.ownerReferences } : {}),
    ...(filled(from.finalizers) ? { finalizers: from.finalizers } : {}),
    ...(filled(from.managedFields) ? { managedFields: from.managedFields } : {}),
  };
}

/** The object with `kind`, `apiVersion` and `metadata` first, as the server writes it. */
export function ordered(object: KubeObject, metadata: ObjectMeta): KubeObject {
  const { kind, apiVersion, metadata: _, ...rest } = object;
  return { kind, apiVersion, metadata, ...rest };
}
