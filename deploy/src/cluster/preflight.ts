import type { UnknownObject } from '@cloudemy/k8s';
import { type StorageChoice, claimsStorage } from '../manifests/storage.js';
import type { ClusterObjects } from './cluster-objects.js';

/** The cluster lacks something without which there is no use in beginning; the message says what to do. */
export class ClusterUnfit extends Error {
  override readonly name = 'ClusterUnfit';
}

const storageClasses = { group: 'storage.k8s.io', version: 'v1', resource: 'storageclasses' };
const ingressClasses = { group: 'networking.k8s.io', version: 'v1', resource: 'ingressclasses' };
const isDefault = 'storageclass.kubernetes.io/is-default-class';

/**
 * Whether claims for storage will find a class.
 *
 * @throws ClusterUnfit naming the classes there are
 */
export async function checkStorage(
  objects: ClusterObjects,
  manifests: readonly UnknownObject[],
  choice: StorageChoice,
): Promise<void> {
  if (!claimsStorage(manifests)) return;
  const classes = await objects.list(storageClasses, undefined);
  const names = classes.map(({ metadata }) => metadata.name ?? '');
  const found =
    choice === 'default'
      ? classes.some(({ metadata }) => metadata.annotations?.[isDefault] === 'true')
      : names.includes(choice);
  if (found) return;
  const lack = choice === 'default' ? 'no default StorageClass' : `no StorageClass ${choice}`;
  const have = names.length === 0 ? 'It has none at all' : `It has ${names.join(', ')}`;
  throw new ClusterUnfit(
    `The cluster has ${lack}, and MongoDB and Redis need storage. ${have}. Pass --storage-class NAME, or ` +
      '--storage-class none to keep their data in their pods: it is lost when a pod goes.',
  );
}

/** What will not work as it should, though everything else does. */
export async function findShortcomings(
  objects: ClusterObjects,
  trustProxy: string | undefined,
): Promise<string[]> {
  const { groups = [] } = await objects.api.get<{ groups?: { name: string }[] }>('/apis');
  const found: string[] = [];
  if (!groups.some(({ name }) => name === 'metrics.k8s.io')) {
    found.push(
      'There is no metrics-server: the backend stays at one replica, as backend-hpa sees no figures.',
    );
  }
  if ((await objects.list(ingressClasses, undefined)).length === 0) {
    found.push(
      'There is no ingress controller: reach the services with kubectl port-forward, as docs/operations.md shows.',
    );
  } else if (trustProxy === undefined) {
    found.push(
      'No proxy is believed about the addresses of clients: behind the ingress controller all of them have its own, and ' +
        'share its limits. --trust-proxy 1 if it is the one proxy in front, else their number or addresses.',
    );
  }
  return found;
}
