import { until } from '@cloudemy/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ClusterAdmission } from '../admission/cluster-admission.js';
import { fillCluster, NamespaceDefaults } from '../bootstrap.js';
import type { Kubelet } from '../kubelet/index.js';
import { createKubelet, describeNode } from '../kubelet/index.js';
import { isPod } from '../kubelet/pod.js';
import { quantity } from '../schema/quantity.js';
import { GarbageCollector } from '../store/garbage-collector.js';
import { Registry } from '../store/registry.js';
import { goDuration } from './clock.js';
import { isDeployment } from './deployment/types.js';
import { createControllers } from './index.js';
import { formatIndexes, parseIndexes } from './job/indexes.js';
import { isJob } from './job/job.js';
import { scaledTiming } from './timing.js';

const timing = scaledTiming(0.02);
let registry: Registry;
let kubelet: Kubelet;
let parts: { close(): void }[];

beforeEach(async () => {
  registry = new Registry((store) => new ClusterAdmission(store));
  parts = [new GarbageCollector(registry), new NamespaceDefaults(registry)];
  fillCluster(registry);
  kubelet = await createKubelet({ store: registry, timing, node: describeNode({ pods: 3, cpu: 4 }) });
  parts.push(createControllers({ store: registry, nodeName: 'local', timing }));
});

afterEach(async () => {
  for (const part of parts) {
    part.close();
  }
  await kubelet.close();
});

const polite = {
  name: 'main',
  image: 'busybox',
  command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.02; done'],
};

function job(name: string, spec: object, command = ['true']): void {
  registry.create('jobs.batch', {
    metadata: { name, namespace: 'default' },
    spec: {
      ...spec,
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command }] },
      },
    },
  });
}

describe('Jobs', () => {
  test.each([
    ['backoffLimitPerIndex', { backoffLimitPerIndex: 1 }],
    [
      'podFailurePolicy',
      {
        podFailurePolicy: { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [3] } }] },
      },
    ],
  ])('failures by index are refused, so that no Job waits for ever: %s', (field, spec) => {
    expect(() => job('by-index', { completionMode: 'Indexed', completions: 2, ...spec })).toThrow(
      new RegExp(`spec.${field}.*not counted by this emulator`),
    );
  });

  test('ttlSecondsAfterFinished removes the Job and its pods', async () => {
    job('brief', { ttlSecondsAfterFinished: 0 });
    await until(() => registry.list('pods').length > 0);
    await until(() => registry.get('jobs.batch', 'default', 'brief') === undefined);
    expect(registry.list('pods')).toEqual([]);
  });

  test('pods over the capacity of the node wait, and come to their turn', async () => {
    job('many', { parallelism: 5, completions: 5 }, ['sleep', '0.3']);
    const condition = await until(() =>
      registry
        .list('pods')
        .filter(isPod)
        .flatMap(({ status }) => status?.conditions ?? [])
        .find(({ reason }) => reason === 'Unschedulable'),
    );
    expect(condition.message).toBe(
      '0/1 nodes are available: 1 Too many pods. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    );
    const finished = await until(() => {
      const stored = registry.get('jobs.batch', 'default', 'many');
      return isJob(stored) && stored.status?.completionTime !== undefined && stored;
    });
    expect(finished.status?.succeeded).toBe(5);
  });

  test.each([
    ['0,1', [0, 1]],
    ['0-2,5', [0, 1, 2, 5]],
    ['', []],
  ])('completed indexes %j', (text, indexes) => {
    expect([...parseIndexes(text)]).toEqual(indexes);
    expect(formatIndexes(indexes)).toBe(text);
  });
});

describe('Deployments', () => {
  function deployment() {
    const stored = registry.get('deployments.apps', 'default', 'web');
    if (!isDeployment(stored)) {
      throw new Error('no deployment');
    }
    return stored;
  }

  function settled() {
    return until(() => {
      const { metadata, status } = deployment();
      const progressing = status?.conditions?.find(({ type }) => type === 'Progressing');
      return (
        status?.observedGeneration === metadata.generation &&
        progressing?.reason === 'NewReplicaSetAvailable' &&
        status?.terminatingReplicas === 0 &&
        status
      );
    });
  }

  beforeEach(() => {
    registry.create('services', {
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    registry.create('deployments.apps', {
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [polite] } },
      },
    });
  });

  test('roll out, and roll out anew with one pod more than wanted at a time', async () => {
    expect(await settled()).toMatchObject({ replicas: 2, readyReplicas: 2, updatedReplicas: 2 });
    const [first] = registry.list('replicasets.apps');
    let most = 0;
    registry.subscribe(({ resource }) => {
      const alive = registry.list('pods').filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      if (resource === 'pods') {
        most = Math.max(most, alive.length);
      }
    });
    registry.update('deployments.apps', 'default', 'web', (draft) => {
      if (isDeployment(draft)) {
        draft.spec.template.spec.containers.forEach((container) => {
          container.env = [{ name: 'V', value: '2' }];
        });
      }
    });
    await settled();
    expect(most).toBe(3);
    const sets = await until(() => {
      const left = registry.list('replicasets.apps');
      return left.length === 1 && left;
    });
    expect(sets[0]?.metadata.name).not.toBe(first?.metadata.name);
    await until(() => registry.list('pods').length === 2);
  });

  test('its ready pods stand behind the Service, and no others', async () => {
    await settled();
    const slice = () => {
      const [found] = registry.list('endpointslices.discovery.k8s.io');
      return found !== undefined && found['endpoints'] !== null && found;
    };
    const endpoint = { conditions: { ready: true }, targetRef: { kind: 'Pod', namespace: 'default' } };
    expect(await until(slice)).toMatchObject({
      endpoints: [endpoint, endpoint],
      ports: [{ port: 8080, protocol: 'TCP' }],
    });
    registry.delete('deployments.apps', 'default', 'web');
    await until(() => slice() === false);
    await until(() => registry.list('pods').length === 0);
    expect(registry.list('replicasets.apps')).toEqual([]);
  });
});

describe('words and figures', () => {
  test.each([
    [500, '500ms'],
    [10_000, '10s'],
    [80_000, '1m20s'],
    [300_000, '5m0s'],
    [3_600_000, '1h0m0s'],
  ])('%i ms reads %s', (ms, text) => {
    expect(goDuration(ms)).toBe(text);
  });

  test.each([
    ['100m', 0.1],
    ['2', 2],
    ['1Ki', 1024],
    ['1.5G', 1.5e9],
    ['1e3', 1000],
  ])('quantity %s', (text, value) => {
    expect(quantity(text)).toBeCloseTo(value, 9);
  });
});
