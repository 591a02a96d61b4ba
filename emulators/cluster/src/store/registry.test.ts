import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ApiError } from './api-error.js';
import { GarbageCollector } from './garbage-collector.js';
import { NamespaceCleaner } from './namespace-cleaner.js';
import type { StoreEvent } from './object-store.js';
import { Registry } from './registry.js';

let registry: Registry;
let collector: GarbageCollector;
let cleaner: NamespaceCleaner;
let events: StoreEvent[];

function refusal(action: () => unknown): ApiError {
  try {
    action();
  } catch (error) {
    if (error instanceof ApiError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was refused');
}

function configMap(name: string, metadata: object = {}) {
  return registry.create('configmaps', {
    metadata: { name, namespace: 'one', ...metadata },
    data: { a: '1' },
  });
}

function runningPod(name: string, metadata: object = {}) {
  return registry.create('pods', {
    metadata: { name, namespace: 'one', ...metadata },
    spec: { nodeName: 'node', terminationGracePeriodSeconds: 7 },
    status: { phase: 'Running' },
  });
}

beforeEach(() => {
  registry = new Registry();
  collector = new GarbageCollector(registry);
  cleaner = new NamespaceCleaner(registry);
  registry.create('namespaces', { metadata: { name: 'one' } });
  events = [];
  registry.subscribe((event) => events.push(event));
});

afterEach(() => {
  collector.close();
  cleaner.close();
});

describe('writing', () => {
  test('create fills in identity and counts versions', () => {
    const first = configMap('a');
    const second = configMap('b');
    expect(Number(second.metadata.resourceVersion)).toBe(Number(first.metadata.resourceVersion) + 1);
    expect(first).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { namespace: 'one' } });
    expect(first.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(first.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test('generateName gives five characters after a prefix of at most 58', () => {
    const made = registry.create('configmaps', {
      metadata: { generateName: 'g'.repeat(70), namespace: 'one' },
    });
    expect(made.metadata.name).toMatch(/^g{58}[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test('a taken name is 409, a missing namespace 404', () => {
    configMap('a');
    expect(refusal(() => configMap('a')).toStatus()).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "a" already exists',
    });
    const nowhere = { metadata: { name: 'a', namespace: 'none' } };
    expect(refusal(() => registry.create('configmaps', nowhere)).message).toBe('namespaces "none" not found');
  });

  test('an update that changes nothing keeps the version and tells nobody', () => {
    const made = configMap('a');
    const same = registry.update('configmaps', 'one', 'a', () => {});
    expect(same).toBe(made);
    expect(events).toHaveLength(1);
  });

  test('where there is no spec, generation counts changes of everything else', () => {
    const slices = 'endpointslices.discovery.k8s.io';
    registry.create(slices, {
      metadata: { name: 's', namespace: 'one' },
      addressType: 'IPv4',
      endpoints: [],
    });
    const generations = ['ports', 'labels'].map((change) =>
      registry.update(slices, 'one', 's', (draft) => {
        if (change === 'ports') draft['ports'] = [{ port: 80 }];
        else draft.metadata.labels = { a: 'b' };
      }),
    );
    expect(generations.map(({ metadata }) => metadata.generation)).toEqual([2, 2]);
  });

  test('generation counts changes of the spec only', () => {
    registry.create('deployments.apps', { metadata: { name: 'd', namespace: 'one' }, spec: { replicas: 1 } });
    const scaled = registry.update('deployments.apps', 'one', 'd', (draft) => {
      draft['spec'] = { replicas: 2 };
    });
    const seen = registry.update('deployments.apps', 'one', 'd', (draft) => {
      draft['status'] = { replicas: 2 };
    });
    expect([scaled.metadata.generation, seen.metadata.generation]).toEqual([2, 2]);
  });

  test('listeners hear of writes in order, also of those a listener makes', () => {
    const heard: string[] = [];
    registry.subscribe(({ object }) => {
      if (object.metadata.name === 'a') {
        configMap('b');
      }
    });
    registry.subscribe(({ object }) => heard.push(object.metadata.name));
    configMap('a');
    expect(heard).toEqual(['a', 'b']);
  });
});

describe('selectors', () => {
  test.each([
    ['app=x', ['a', 'b']],
    ['app!=x', ['c', 'd']],
    ['app in (x,y),!tier', ['c']],
    ['app notin (x)', ['c', 'd']],
    ['tier>1', ['b']],
    ['app', ['a', 'b', 'c']],
  ])('%s', (labelSelector, names) => {
    configMap('d');
    configMap('c', { labels: { app: 'y' } });
    configMap('b', { labels: { app: 'x', tier: '2' } });
    configMap('a', { labels: { app: 'x', tier: '1' } });
    const found = registry.list('configmaps', { namespace: 'one', labelSelector });
    expect(found.map((object) => object.metadata.name)).toEqual(names);
  });

  test('a selector that does not parse is 400 in the words of the server', () => {
    const ask = (labelSelector: string) => () => registry.list('pods', { labelSelector });
    expect(refusal(ask('a===b,,')).message).toBe(
      "unable to parse requirement: found '=', expected: identifier",
    );
    expect(refusal(ask('a in x')).message).toBe("unable to parse requirement: found 'x' expected: '('");
    expect(refusal(ask('app=x,')).message).toBe("found '', expected: identifier after ','");
  });

  test('fields', () => {
    runningPod('p');
    const phase = (fieldSelector: string) => registry.list('pods', { fieldSelector }).length;
    expect([
      phase('status.phase=Running'),
      phase('status.phase!=Running'),
      phase('spec.nodeName=node'),
    ]).toEqual([1, 0, 1]);
    expect(refusal(() => phase('spec.banana=x')).message).toBe('field label not supported: spec.banana');
  });
});

describe('deleting', () => {
  test('a finalizer holds the object until it is taken away', () => {
    configMap('held', { finalizers: ['example.com/hold'] });
    const { object, gone } = registry.remove('configmaps', 'one', 'held', {});
    expect(gone).toBe(false);
    expect(object.metadata.deletionGracePeriodSeconds).toBe(0);
    registry.update('configmaps', 'one', 'held', (draft) => {
      draft.metadata.finalizers = [];
    });
    expect(registry.get('configmaps', 'one', 'held')).toBeUndefined();
    expect(events.at(-1)).toMatchObject({
      type: 'DELETED',
      object: { metadata: { finalizers: ['example.com/hold'] } },
    });
  });

  test('a running pod gets its grace, a shorter one later wins, a longer one does not', () => {
    runningPod('p');
    const grace = (gracePeriodSeconds?: number) =>
      registry.delete('pods', 'one', 'p', gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds })
        .metadata.deletionGracePeriodSeconds;
    expect([grace(), grace(20), grace(3)]).toEqual([7, 7, 3]);
    expect(registry.remove('pods', 'one', 'p', { gracePeriodSeconds: 0 }).gone).toBe(true);
    expect(events.map((event) => event.type)).toEqual([
      'ADDED',
      'MODIFIED',
      'MODIFIED',
      'MODIFIED',
      'DELETED',
    ]);
  });

  test('a wrong uid in the preconditions is 409', () => {
    configMap('a');
    const error = refusal(() => registry.delete('configmaps', 'one', 'a', { preconditions: { uid: 'x' } }));
    expect(error.message).toContain('the UID in the precondition (x) does not match the UID in record');
  });

  test('dependents go in the background when their owner has gone', async () => {
    const owner = configMap('owner');
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }];
    configMap('child', { ownerReferences });
    registry.delete('configmaps', 'one', 'owner');
    await nextTurn();
    expect(registry.get('configmaps', 'one', 'child')).toBeUndefined();
  });

  test('foreground waits for dependents that block', async () => {
    const job = registry.create('jobs.batch', { metadata: { name: 'j', namespace: 'one' }, spec: {} });
    runningPod('p', {
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'Job',
          name: 'j',
          uid: job.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    });
    registry.delete('jobs.batch', 'one', 'j', { propagationPolicy: 'Foreground' });
    await nextTurn();
    expect(registry.get('pods', 'one', 'p')?.metadata.deletionTimestamp).toBeDefined();
    expect(registry.get('jobs.batch', 'one', 'j')).toBeDefined();
    registry.delete('pods', 'one', 'p', { gracePeriodSeconds: 0 });
    await nextTurn();
    expect(registry.get('jobs.batch', 'one', 'j')).toBeUndefined();
  });

  test('a Job deleted without a policy leaves its pods behind, without an owner', async () => {
    const job = registry.create('jobs.batch', { metadata: { name: 'j', namespace: 'one' }, spec: {} });
    const { uid } = job.metadata;
    runningPod('p', { ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid }] });
    expect(registry.delete('jobs.batch', 'one', 'j').metadata.finalizers).toEqual(['orphan']);
    await nextTurn();
    expect(registry.get('jobs.batch', 'one', 'j')).toBeUndefined();
    expect(registry.get('pods', 'one', 'p')?.metadata.ownerReferences).toBeUndefined();
  });

  test('a namespace is emptied, takes nothing new, and then goes', async () => {
    runningPod('p');
    configMap('a');
    registry.delete('namespaces', undefined, 'one');
    await nextTurn();
    expect(registry.list('configmaps', { namespace: 'one' })).toEqual([]);
    expect(refusal(() => configMap('late')).toStatus()).toMatchObject({
      code: 403,
      details: { causes: [{ reason: 'NamespaceTerminating' }] },
    });
    registry.delete('pods', 'one', 'p', { gracePeriodSeconds: 0 });
    await nextTurn();
    expect(registry.get('namespaces', undefined, 'one')).toBeUndefined();
  });
});

test('the history knows the writes after a version until it is compacted', () => {
  const first = configMap('a');
  configMap('b');
  const names = () =>
    registry.table.history
      .since(Number(first.metadata.resourceVersion))
      ?.map(({ object }) => object.metadata.name);
  expect(names()).toEqual(['b']);
  registry.table.history.compact(registry.table.version);
  expect(names()).toBeUndefined();
});
