import { asObject, objectsIn } from '../json.js';
import type { JsonObject } from '../json.js';
import type { KubeObject } from '../objects.js';
import { forbidden } from '../store/api-error.js';
import { generateName } from '../store/metadata.js';
import type { Registry } from '../store/registry.js';

const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Seconds; a little over an hour so that the kubelet renews it in time. */
const TOKEN_LIFE = 3607;

function volume(name: string): JsonObject {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_LIFE, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 420,
    },
  };
}

/**
 * Gives a pod its service account and the account's token as a volume.
 * @throws ApiError 403 when the account does not exist.
 */
export function assignServiceAccount(registry: Registry, pod: KubeObject): void {
  const spec = asObject(pod['spec']);
  const { namespace = '', generateName: prefix, name } = pod.metadata;
  spec['serviceAccountName'] ??= 'default';
  spec['serviceAccount'] = spec['serviceAccountName'];
  const account = String(spec['serviceAccountName']);
  const found = registry.get('serviceaccounts', namespace, account);
  if (found === undefined) {
    throw forbidden(
      'pods',
      prefix ?? name,
      `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`,
    );
  }
  const mounted =
    (spec['automountServiceAccountToken'] ?? found['automountServiceAccountToken'] ?? true) === true;
  const containers = [...objectsIn(spec['initContainers']), ...objectsIn(spec['containers'])].filter(
    (container) => !objectsIn(container['volumeMounts']).some((mount) => mount['mountPath'] === MOUNT),
  );
  if (!mounted || containers.length === 0) {
    return;
  }
  const volumeName = generateName('kube-api-access-');
  spec['volumes'] = [...objectsIn(spec['volumes']), volume(volumeName)];
  for (const container of containers) {
    container['volumeMounts'] = [
      ...objectsIn(container['volumeMounts']),
      { name: volumeName, readOnly: true, mountPath: MOUNT },
    ];
  }
}
