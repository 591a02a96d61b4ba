import { type KubeApi, type UnknownObject, resourcePath } from '@cloudemy/k8s';
import { deploymentLabels, selectorOf } from './labels.js';
import type { StoredDeployment, StoredObject } from './model.js';

/**
 * The inventory with the uids that were never recorded, because this service stopped between applying an
 * object and writing that down. Such an object is ours if it has the name it was to have and our label, which
 * the policy lets nobody deploy. What is not there keeps no uid.
 *
 * @throws KubeApiError, KubeConnectionError when the cluster cannot be asked
 */
export async function findUnconfirmed(api: KubeApi, deployment: StoredDeployment): Promise<StoredObject[]> {
  const id = String(deployment._id);
  const known = new Set(deployment.objects.map(({ uid }) => uid));
  const unconfirmed = deployment.objects.filter(({ uid }) => uid === null);
  const paths = new Set(unconfirmed.map((object) => pathOf(deployment, object)));
  const found = new Map<string, UnknownObject[]>();
  await Promise.all(
    [...paths].map(async (path) => {
      const { items } = await api.listAll<UnknownObject>(path, { labelSelector: selectorOf([id]) });
      found.set(
        path,
        items.filter(({ metadata }) => metadata.labels?.[deploymentLabels.deployment] === id),
      );
    }),
  );
  return deployment.objects.map((stored) => {
    if (stored.uid !== null) return stored;
    const object = found
      .get(pathOf(deployment, stored))
      ?.find(
        ({ metadata }) =>
          metadata.uid !== undefined && !known.has(metadata.uid) && hasName(stored, metadata.name),
      );
    if (object?.metadata.uid === undefined) return stored;
    known.add(object.metadata.uid);
    return { ...stored, uid: object.metadata.uid, name: object.metadata.name ?? stored.name };
  });
}

const pathOf = ({ namespace }: StoredDeployment, { resource }: StoredObject): string =>
  resourcePath(resource, { namespace });

function hasName(stored: StoredObject, name = ''): boolean {
  return stored.name === null
    ? stored.generate_name !== null && name.startsWith(stored.generate_name)
    : name === stored.name;
}
