import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job, UnknownObject } from '@cloudemy/k8s';
import { deployFolder } from '../manifests/folders.js';

export const smokeNamespace = 'cloudemy';
const name = 'smoke-test';

/** Seconds for all of it: a first pull of the runner's image, an answer of a slow model, a terminal. */
const deadlineSeconds = 300;

const labels = { app: name, 'app.kubernetes.io/part-of': 'cloudemy' };

/** The script, as it is built. */
export async function smokeScript(): Promise<UnknownObject> {
  const script = await readFile(join(deployFolder, 'dist', 'smoke', 'in-cluster.js'), 'utf8');
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: smokeNamespace, labels },
    data: { 'smoke-test.mjs': script },
  };
}

/**
 * The Job that tries everything out from inside, where names resolve and nothing need be exposed.
 *
 * @param image has Node.js and a shell and is on the nodes already: the backend's
 */
export function smokeJob(image: string, urls: { backend: string; deployer: string }): Job {
  const env = {
    BACKEND_URL: urls.backend,
    DEPLOYER_URL: urls.deployer,
    BENCHMARK_NAMESPACE: 'cloudemy-benchmarks',
    BENCHMARK_IMAGE: image,
  };
  const spec = {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10_001,
      runAsGroup: 10_001,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name,
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['node', '/smoke-test/smoke-test.mjs'],
        // As the operator that the backend knows from the same settings.
        envFrom: [{ configMapRef: { name: 'backend' } }],
        env: [
          ...Object.entries(env).map(([key, value]) => ({ name: key, value })),
          {
            name: 'ADMIN_PASSWORD',
            valueFrom: { secretKeyRef: { name: 'cloudemy-internal', key: 'admin-password' } },
          },
        ],
        resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'script', mountPath: '/smoke-test', readOnly: true }],
      },
    ],
    volumes: [{ name: 'script', configMap: { name } }],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: smokeNamespace, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: deadlineSeconds,
      ttlSecondsAfterFinished: 3_600,
      template: { metadata: { labels }, spec },
    },
  };
}
