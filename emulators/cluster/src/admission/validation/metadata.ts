import type { KubeObject } from '../../objects.js';
import type { KindInfo } from '../../schema/kinds.js';
import { resourceName } from '../../schema/kinds.js';
import type { Causes } from './causes.js';
import {
  labelFaults,
  labelValueFaults,
  qualifiedNameFaults,
  serviceNameFaults,
  subdomainFaults,
} from './names.js';

/** Bytes of all annotations together. */
const ANNOTATIONS_LIMIT = 256 * 1024;
const standardFinalizers = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

function nameFaults(info: KindInfo, name: string): string[] {
  switch (resourceName(info)) {
    case 'namespaces':
      return labelFaults(name);
    case 'services':
      return serviceNameFaults(name);
    default:
      return info.group === 'rbac.authorization.k8s.io' ? pathFaults(name) : subdomainFaults(name);
  }
}

/** Names of roles may be anything that fits in a path. */
function pathFaults(name: string): string[] {
  if (name === '.' || name === '..') {
    return [`may not be '${name}'`];
  }
  return ['/', '%'].filter((mark) => name.includes(mark)).map((mark) => `may not contain '${mark}'`);
}

/** Checks a map of labels at a path. */
export function validateLabels(labels: Record<string, unknown>, path: string, causes: Causes): void {
  for (const [key, value] of Object.entries(labels)) {
    qualifiedNameFaults(key).forEach((fault) => {
      causes.invalid(path, key, fault);
    });
    labelValueFaults(String(value)).forEach((fault) => {
      causes.invalid(path, value, fault);
    });
  }
}

/** Checks names, labels, annotations and finalizers. */
export function validateMetadata(info: KindInfo, object: KubeObject, causes: Causes): void {
  const { name, generateName, labels = {}, annotations = {}, finalizers = [] } = object.metadata;
  if (generateName) {
    nameFaults(info, generateName.replace(/[-.]+$/, '')).forEach((fault) => {
      causes.invalid('metadata.generateName', generateName, fault);
    });
  }
  if (name === '') {
    causes.required('metadata.name', 'name or generateName is required');
  } else {
    nameFaults(info, name).forEach((fault) => {
      causes.invalid('metadata.name', name, fault);
    });
  }
  validateLabels(labels, 'metadata.labels', causes);
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    qualifiedNameFaults(key.toLowerCase()).forEach((fault) => {
      causes.invalid('metadata.annotations', key, fault);
    });
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > ANNOTATIONS_LIMIT) {
    causes.tooLong('metadata.annotations', `may not be more than ${ANNOTATIONS_LIMIT} bytes`);
  }
  finalizers.forEach((finalizer, index) => {
    if (!finalizer.includes('/') && !standardFinalizers.has(finalizer)) {
      causes.invalid(
        `metadata.finalizers[${index}]`,
        finalizer,
        'name is neither a standard finalizer name nor is it fully qualified',
      );
    }
  });
}

/** Checks what an update may not do to the metadata. */
export function validateMetadataUpdate(object: KubeObject, old: KubeObject, causes: Causes): void {
  if (old.metadata.deletionTimestamp === undefined) {
    return;
  }
  const before = new Set(old.metadata.finalizers);
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
  if (added.length > 0) {
    const shown = added.map((finalizer) => `"${finalizer}"`).join(', ');
    const why = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown}}`;
    // A real server looks once for every kind, and once for this one.
    causes.forbidden('metadata.finalizers', why);
    causes.forbidden('metadata.finalizers', why);
  }
}
