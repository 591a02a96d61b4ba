import type { KubeObject, ObjectMeta } from '../objects.js';
import type { KindInfo } from '../schema/kinds.js';
import { conflict } from './api-error.js';
import type { ResourceName } from './object-store.js';

const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

/**
 * A write that names a version or a uid is meant for that very object.
 *
 * @throws ApiError 409
 */
export function assertSameObject(
  resource: ResourceName,
  { plural }: KindInfo,
  old: KubeObject,
  { resourceVersion, uid }: ObjectMeta,
): void {
  const { name, namespace } = old.metadata;
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
    throw conflict(resource, name, MODIFIED);
  }
  if (uid && uid !== old.metadata.uid) {
    const key = ['', 'registry', plural, namespace, name].filter((part) => part !== undefined);
    throw conflict(
      resource,
      name,
      `StorageError: invalid object, Code: 4, Key: ${key.join('/')}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
}

/** What a client wrote as metadata, with identity and lifecycle as the server has them. */
export function replacedMetadata(old: ObjectMeta, written: ObjectMeta): ObjectMeta {
  const { generation, deletionTimestamp, deletionGracePeriodSeconds, namespace } = old;
  const { generation: _, deletionTimestamp: __, deletionGracePeriodSeconds: ___, ...rest } = written;
  return {
    ...rest,
    name: old.name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: old.uid,
    resourceVersion: old.resourceVersion,
    creationTimestamp: old.creationTimestamp,
    ...(generation === undefined ? {} : { generation }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
  };
}
