import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a pod's service account is, as far as the pod has one. */
export const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Where the kubeconfig is in a container's view. */
const pathInView = '/.cloudemy/kubeconfig';

/** What makes client libraries find the API server from inside a container. */
export interface InClusterAccess {
  environment: Readonly<Record<string, string>>;
  files: Readonly<Record<string, string>>;
}

/**
 * Client libraries take it for granted that a cluster speaks TLS to its pods; this one does not. A kubeconfig says
 * so, with the account's token where it always is.
 *
 * @param folder holds the file on this machine
 */
export function inClusterAccess(
  { host, port }: { host: string; port: number },
  folder: string,
): InClusterAccess {
  const file = join(folder, 'kubeconfig');
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'pod',
    clusters: [{ name: 'local', cluster: { server: `http://${host}:${port}` } }],
    users: [{ name: 'account', user: { tokenFile: `${accountFolder}/token` } }],
    contexts: [{ name: 'pod', context: { cluster: 'local', user: 'account' } }],
  };
  writeFileSync(file, JSON.stringify(content));
  return { environment: { KUBECONFIG: pathInView }, files: { [pathInView]: file } };
}
