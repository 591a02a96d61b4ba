import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JOBS, PODS, resourcePath } from '../cluster/resource-path.js';
import { InvalidNameError } from '../objects/names.js';
import type { Job, Pod } from '../objects/types.js';
import { startTestCluster, type TestCluster } from '../testing/test-cluster.js';
import {
  createJob,
  deleteJob,
  findPods,
  groupByController,
  JobNameTakenError,
  listContainers,
  ownedPods,
  readJob,
  toJobName,
} from './job-api.js';

function job(name: string, submission = 's1'): Job {
  return {
    metadata: { name, labels: { 'cloudemy.io/submission': submission } },
    spec: {
      suspend: true,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } },
    },
  };
}

describe('Jobs', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startTestCluster();
  });

  afterAll(async () => {
    await cluster.close();
  });

  it('creates a Job once, however often and from wherever it is asked', async () => {
    const results = await Promise.all(
      [1, 2, 3, 4].map(async () => createJob(cluster.api, 'default', job('once'))),
    );
    expect(results.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(results.map(({ job }) => job.metadata.uid)).size).toBe(1);
  });

  it('does not take another Job of the name for its own', async () => {
    await createJob(cluster.api, 'default', job('taken', 's1'));
    const error = await createJob(cluster.api, 'default', job('taken', 's2')).catch(
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(JobNameTakenError);
    expect(String(error)).toContain('cloudemy.io/submission=s2');
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' };
    const owned = { ...job('taken'), metadata: { ...job('taken').metadata, ownerReferences: [owner] } };
    await expect(createJob(cluster.api, 'default', owned)).rejects.toThrow(/not owned by ConfigMap o/);
  });

  it('does not take a Job that is being deleted for one that is there', async () => {
    const held = job('going');
    held.metadata.finalizers = ['example.com/hold'];
    await createJob(cluster.api, 'default', held);
    await deleteJob(cluster.api, 'default', 'going');
    await expect(createJob(cluster.api, 'default', job('going'))).rejects.toThrow(/is being deleted/);
    const path = resourcePath(JOBS, { namespace: 'default', name: 'going' });
    await cluster.api.patch(path, { metadata: { finalizers: null } }, 'application/merge-patch+json');
  });

  it('deletes a Job, and says when there was none', async () => {
    const { job: created } = await createJob(cluster.api, 'default', job('gone'));
    expect(await deleteJob(cluster.api, 'default', 'gone', { uid: 'another' })).toBe(false);
    expect((await readJob(cluster.api, 'default', 'gone'))?.metadata.uid).toBe(created.metadata.uid);
    expect(await deleteJob(cluster.api, 'default', 'gone', { uid: created.metadata.uid })).toBe(true);
    expect(await deleteJob(cluster.api, 'default', 'gone')).toBe(false);
    expect(await readJob(cluster.api, 'default', 'gone')).toBeUndefined();
  });

  it('finds a Job’s pods by ownership, not by a label anybody can set', async () => {
    const { job: owner } = await createJob(cluster.api, 'default', job('owner'));
    const uid = owner.metadata.uid ?? '';
    const labels = { 'batch.kubernetes.io/controller-uid': uid };
    const reference = { apiVersion: 'batch/v1', kind: 'Job', name: 'owner', uid, controller: true };
    const pods: Pod[] = [
      {
        metadata: { name: 'own', labels, ownerReferences: [reference] },
        spec: { containers: [{ name: 'a', image: 'x' }] },
      },
      { metadata: { name: 'forged', labels }, spec: { containers: [{ name: 'a', image: 'x' }] } },
    ];
    for (const pod of pods) {
      await cluster.api.create<Pod>(resourcePath(PODS, { namespace: 'default' }), {
        apiVersion: 'v1',
        kind: 'Pod',
        ...pod,
      });
    }
    expect((await findPods(cluster.api, owner)).map(({ metadata }) => metadata.name)).toEqual(['own']);
    expect(ownedPods(pods, 'predecessor')).toEqual([]);
    expect([...groupByController(pods).entries()]).toEqual([[uid, [pods[0]]]]);
  });

  it('builds names that can be labels', () => {
    expect(toJobName('runner', 's1', 2)).toBe('runner-s1-2');
    for (const bad of ['', 'A', 'a_b', '-a', 'a-', '../x', 'a'.repeat(64), 'a.b', 'a\n']) {
      expect(() => toJobName(bad)).toThrow(InvalidNameError);
    }
  });

  it('lists containers in the order they start', () => {
    const spec = {
      containers: [{ name: 'm' }],
      initContainers: [{ name: 'i' }],
      ephemeralContainers: [{ name: 'e' }],
    };
    expect(listContainers({ metadata: {}, spec })).toEqual([
      { name: 'i', type: 'init' },
      { name: 'm', type: 'main' },
      { name: 'e', type: 'ephemeral' },
    ]);
  });
});
