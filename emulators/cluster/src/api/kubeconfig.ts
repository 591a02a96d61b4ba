import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

const NAME = 'cloudemy-local';

/**
 * Writes the file `kubeconfig` into a folder, readable by its owner only, and returns its path. Plain HTTP:
 * the JavaScript client wants `insecure-skip-tls-verify` for that, and kubectl sends no token over it, so the
 * server's URL carries the token too.
 */
export async function writeKubeconfig(folder: string, url: string, token: string): Promise<string> {
  const path = join(folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: NAME, cluster: { server: `${url}/${token}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: NAME, user: { token } }],
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME, namespace: 'default' } }],
    'current-context': NAME,
  };
  await mkdir(folder, { recursive: true });
  await writeFile(path, stringify(config), { mode: 0o600 });
  return path;
}
