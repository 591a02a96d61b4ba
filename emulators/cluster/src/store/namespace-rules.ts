import { asObject } from '../json.js';
import type { KubeObject } from '../objects.js';
import { forbidden } from './api-error.js';
import { timestamp } from './metadata.js';

/** @throws ApiError 403 when the namespace takes nothing new, as it is being deleted */
export function assertTakesContent(namespace: KubeObject, resource: string, objectName: string): void {
  const { name, deletionTimestamp } = namespace.metadata;
  if (deletionTimestamp === undefined) {
    return;
  }
  throw forbidden(
    resource,
    objectName,
    `unable to create new content in namespace ${name} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${name} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  );
}

/**
 * A namespace marked to be deleted; the same when it is already.
 *
 * @throws ApiError 403 for those that a cluster cannot do without
 */
export function terminating(namespace: KubeObject): KubeObject {
  const { name } = namespace.metadata;
  if (['default', 'kube-system', 'kube-public'].includes(name)) {
    throw forbidden('namespaces', name, 'this namespace may not be deleted');
  }
  if (namespace.metadata.deletionTimestamp !== undefined) {
    return namespace;
  }
  return {
    ...namespace,
    metadata: { ...namespace.metadata, deletionTimestamp: timestamp() },
    status: { ...asObject(namespace['status']), phase: 'Terminating' },
  };
}
