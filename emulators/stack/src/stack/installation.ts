import { jobLabels } from '@cloudemy/contracts';
import {
  JOBS,
  type KubeApi,
  LEASES,
  type ObjectReference,
  type ResourceType,
  SECRETS,
  type UnknownObject,
  deleteObject,
  readObject,
  resourcePath,
} from '@cloudemy/k8s';
import { tryAll } from '../try-all.js';

/** The objects of one stack in somebody's cluster, all marked or named by its instance. */
export interface Installation {
  namespace: string;
  instance: string;
}

const managedBy = 'cloudemy-emulator-stack';

/** Where runner Jobs find the model's key. */
export const llmSecretName = (instance: string): string => `${instance}-llm`;
export const llmSecretKey = 'api-key';

/** Milliseconds for pods to end: their grace is 5 s, the cluster's own work takes some more. */
const goneWithinMs = 30_000;

/** Makes namespaces that are not there yet. */
export async function makeNamespaces(api: KubeApi, names: readonly string[]): Promise<void> {
  const namespaces = { group: '', version: 'v1', resource: 'namespaces' };
  for (const name of new Set(names)) {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await api.apply(resourcePath(namespaces, { name }), namespace, { fieldManager: managedBy });
  }
}

/** Puts the model's key where runner Jobs refer to it. */
export async function applyLlmSecret(
  api: KubeApi,
  { namespace, instance }: Installation,
  apiKey: string,
): Promise<void> {
  const name = llmSecretName(instance);
  const labels = {
    [jobLabels.managedBy]: managedBy,
    [jobLabels.instance]: instance,
    [jobLabels.component]: jobLabels.componentValue,
  };
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels },
    stringData: { [llmSecretKey]: apiKey },
  };
  await api.apply(resourcePath(SECRETS, { namespace, name }), secret, { fieldManager: managedBy });
}

/**
 * Removes all that an installation, whose services have stopped, left in the cluster, and waits until it is gone.
 * Safe to repeat.
 *
 * @throws AggregateError of what the cluster refused, after everything was tried
 */
export async function removeInstallation(api: KubeApi, installation: Installation): Promise<void> {
  const { namespace, instance } = installation;
  const labelSelector = `${jobLabels.instance}=${instance}`;
  await tryAll([
    () => removeLabelled(api, JOBS, namespace, labelSelector),
    () => removeLabelled(api, SECRETS, namespace, labelSelector),
    async () => {
      const lease = { ...LEASES, namespace, name: `${instance}-scheduler` };
      const found = await readObject(api, lease);
      if (found !== undefined) await deleteObject(api, { ...lease, uid: found.metadata.uid ?? '' });
    },
  ]);
}

/**
 * Deletes the labelled objects of a kind with their dependants, and waits until they are gone.
 *
 * @param isMeant which of them; all when left out
 */
export async function removeLabelled(
  api: KubeApi,
  resource: ResourceType,
  namespace: string,
  labelSelector: string,
  isMeant: (object: UnknownObject) => boolean = () => true,
): Promise<void> {
  const { items } = await api.listAll<UnknownObject>(resourcePath(resource, { namespace }), {
    labelSelector,
  });
  await tryAll(
    items
      .filter((item) => isMeant(item))
      .map(({ metadata }) => async () => {
        const object: ObjectReference = {
          ...resource,
          namespace,
          name: metadata.name ?? '',
          uid: metadata.uid ?? '',
        };
        await deleteObject(api, object, { propagationPolicy: 'Foreground', waitMs: goneWithinMs });
      }),
  );
}

/** Whether an object was made before a time. */
export const isOlder = ({ metadata }: UnknownObject, before: Date): boolean =>
  Date.parse(metadata.creationTimestamp ?? '') < before.getTime();

/** Installations begun before a time whose instance begins like this: their processes were killed. */
export async function findInstallations(
  api: KubeApi,
  namespace: string,
  { prefix, before }: { prefix: string; before: Date },
): Promise<Installation[]> {
  const labelSelector = `${jobLabels.managedBy} in (${managedBy},${jobLabels.managedByValue})`;
  const instances = new Set<string>();
  for (const resource of [SECRETS, JOBS]) {
    const { items } = await api.listAll<UnknownObject>(resourcePath(resource, { namespace }), {
      labelSelector,
    });
    for (const item of items) {
      const instance = item.metadata.labels?.[jobLabels.instance] ?? '';
      if (isOlder(item, before) && instance.startsWith(prefix)) instances.add(instance);
    }
  }
  return [...instances].map((instance) => ({ namespace, instance }));
}
