import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ApiException,
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  Watch,
  type KubernetesObject,
} from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeKubeconfig } from './kubeconfig.js';
import type { TestApi } from './testing/test-api.js';
import { startTestApi } from './testing/test-api.js';

let api: TestApi;
let folder: string;
let config: KubeConfig;

beforeEach(async () => {
  api = await startTestApi();
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  config = new KubeConfig();
  config.loadFromFile(await writeKubeconfig(folder, api.url, api.token));
});

afterEach(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

function job(name: string) {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'default' },
    spec: {
      suspend: true,
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] },
      },
    },
  };
}

describe('the official client', () => {
  test('creates, lists, reads and deletes a Job', async () => {
    const batch = config.makeApiClient(BatchV1Api);
    const created = await batch.createNamespacedJob({ namespace: 'default', body: job('j') });
    expect(created.spec?.backoffLimit).toBe(6);
    const { items } = await batch.listNamespacedJob({ namespace: 'default' });
    expect(items.map((item) => item.metadata?.name)).toEqual(['j']);
    await batch.deleteNamespacedJob({ name: 'j', namespace: 'default', propagationPolicy: 'Background' });
    const gone = await batch
      .readNamespacedJob({ name: 'j', namespace: 'default' })
      .catch((error: unknown) => error);
    expect(gone).toBeInstanceOf(ApiException);
    expect(gone).toMatchObject({ code: 404 });
  });

  test('applies on the server', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config);
    const apply = () =>
      objects.patch<KubernetesObject>(
        job('applied'),
        undefined,
        undefined,
        'tester',
        true,
        PatchStrategy.ServerSideApply,
      );
    const first = await apply();
    const second = await apply();
    expect(second.metadata?.resourceVersion).toBe(first.metadata?.resourceVersion);
    expect(first.metadata?.managedFields?.[0]).toMatchObject({ manager: 'tester', operation: 'Apply' });
  });

  test('watches', async () => {
    const seen: string[] = [];
    let done: () => void = () => {};
    const enough = new Promise<void>((resolve) => {
      done = resolve;
    });
    const controller = await new Watch(config).watch(
      '/api/v1/namespaces/default/configmaps',
      { resourceVersion: String(api.registry.table.version) },
      (phase) => {
        seen.push(phase);
        if (seen.length === 2) {
          done();
        }
      },
      () => {},
    );
    const core = config.makeApiClient(CoreV1Api);
    await core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'w' } } });
    await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'w' });
    await enough;
    controller.abort();
    expect(seen).toEqual(['ADDED', 'DELETED']);
  });
});

test('the keys of a Secret come back sorted, as a real server sends them', async () => {
  const secret = { metadata: { name: 's' }, data: { z: 'eg==', a: 'YQ==' }, stringData: { m: 'm' } };
  const { data } = await api.json('POST', '/api/v1/namespaces/default/secrets', secret);
  expect(Object.keys(data ?? {})).toEqual(['a', 'm', 'z']);
});
