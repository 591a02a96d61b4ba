import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job, UnknownObject } from '@cloudemy/k8s';
import { deployFolder } from '../manifests/folders.js';

/** Where the Jobs run that try Cloudemy out from inside. */
export const ownNamespace = 'cloudemy';

/** Network policies know them by it. */
export const scriptLabels = { app: 'smoke-test', 'app.kubernetes.io/part-of': 'cloudemy' };

/** A script of this folder that runs inside the cluster. */
export interface Script {
  /** Of the Job and its ConfigMap. */
  name: string;
  /** Without its ending. */
  file: 'smoke-test' | 'feed';
  /** Seconds for all of it. */
  deadlineSeconds: number;
  env: Record<string, string>;
  /** A folder that others may leave something in. */
  mailbox?: string;
}

/** The script with what it imports, as they are built. */
export async function scriptMap({ name, file }: Script): Promise<UnknownObject> {
  const built = (script: string) =>
    readFile(join(deployFolder, 'dist', 'in-cluster', `${script}.js`), 'utf8');
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: ownNamespace, labels: scriptLabels },
    data: {
      'package.json': '{"type":"module"}',
      'client.js': await built('client'),
      [`${file}.js`]: await built(file),
    },
  };
}

/**
 * The Job that runs a script inside the cluster, where names resolve and nothing need be exposed, as the operator that
 * the backend knows from its own settings.
 *
 * @param image has Node.js and a shell and is on the nodes already: the backend's
 */
export function scriptJob({ name, file, deadlineSeconds, env, mailbox }: Script, image: string): Job {
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
        command: ['node', `/script/${file}.js`],
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
        volumeMounts: [
          { name: 'script', mountPath: '/script', readOnly: true },
          ...(mailbox === undefined ? [] : [{ name: 'mailbox', mountPath: mailbox }]),
        ],
      },
    ],
    volumes: [
      { name: 'script', configMap: { name } },
      ...(mailbox === undefined ? [] : [{ name: 'mailbox', emptyDir: {} }]),
    ],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: ownNamespace, labels: scriptLabels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: deadlineSeconds,
      ttlSecondsAfterFinished: 3_600,
      template: { metadata: { labels: scriptLabels }, spec },
    },
  };
}
