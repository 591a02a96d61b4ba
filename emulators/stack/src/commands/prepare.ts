import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectCluster, resourcePath } from '@cloudemy/k8s';
import { errorCode } from '../processes/error-code.js';

/**
 * What docker-compose.yml needs before its services start: secrets of its own, made once and kept in SECRETS_FOLDER,
 * and the model's key, from LLM_API_KEY, where runner Jobs look for it in the cluster of KUBECONFIG.
 */
const { KUBECONFIG = '', SECRETS_FOLDER = '', K8S_NAMESPACE = 'default', LLM_API_KEY = '' } = process.env;
/** As the scheduler's defaults have it. */
const llmSecret = { name: 'cloudemy-llm', key: 'api-key' };

await Promise.all(['service-token', 'result-token-secret', 'auth-secret', 'admin-password'].map(makeSecret));
await applyLlmKey();

async function makeSecret(name: string): Promise<void> {
  await mkdir(SECRETS_FOLDER, { recursive: true });
  const secret = randomBytes(32).toString('hex');
  await writeFile(join(SECRETS_FOLDER, name), secret, { flag: 'wx', mode: 0o400 }).catch((error: unknown) => {
    // Made by an earlier start.
    if (errorCode(error) !== 'EEXIST') throw error;
  });
}

async function applyLlmKey(): Promise<void> {
  const cluster = connectCluster({ kubeconfig: KUBECONFIG });
  const { name, key } = llmSecret;
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: K8S_NAMESPACE },
    stringData: { [key]: LLM_API_KEY },
  };
  const secrets = { group: '', version: 'v1', resource: 'secrets' };
  try {
    await cluster.api.apply(resourcePath(secrets, { namespace: K8S_NAMESPACE, name }), secret, {
      fieldManager: 'cloudemy-compose',
      force: true,
    });
  } finally {
    await cluster.close();
  }
}
