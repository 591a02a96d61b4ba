import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { LEASES, resourcePath } from '../cluster/resource-path.js';
import type { Lease } from '../objects/types.js';
import { startTestCluster, type TestCluster } from '../testing/test-cluster.js';
import { json, refuse, startScriptedServer } from '../testing/scripted-server.js';
import { LeaderElection, type LeaderElectionOptions } from './leader-election.js';
import { toMicroTime } from './lease-record.js';

const WHERE = { namespace: 'default', leaseDurationSeconds: 1, retryIntervalMs: 50 };

/** A replica that takes part in an election, and what happened to it. */
class Replica {
  elected = Promise.withResolvers<AbortSignal>();
  readonly errors: unknown[] = [];
  readonly election: LeaderElection;

  constructor(
    api: TestCluster['api'],
    identity: string,
    options: Partial<LeaderElectionOptions> & { name: string },
  ) {
    this.election = new LeaderElection(api, {
      ...WHERE,
      identity,
      onElected: (leadership) => this.elected.resolve(leadership),
      onError: (error) => this.errors.push(error),
      ...options,
    });
    this.election.start();
  }
}

describe('LeaderElection', () => {
  let cluster: TestCluster;
  const replicas: Replica[] = [];

  beforeAll(async () => {
    cluster = await startTestCluster();
  });

  afterEach(async () => {
    await Promise.all(replicas.splice(0).map(({ election }) => election.stop()));
  });

  afterAll(async () => {
    await cluster.close();
  });

  function join(identity: string, name: string, options: Partial<LeaderElectionOptions> = {}): Replica {
    const replica = new Replica(cluster.api, identity, { name, ...options });
    replicas.push(replica);
    return replica;
  }

  async function readLease(name: string): Promise<Lease> {
    return cluster.api.get<Lease>(resourcePath(LEASES, { namespace: 'default', name }));
  }

  it('elects one of several, and another at once when it stops', async () => {
    const all = ['a', 'b', 'c'].map((identity) => join(identity, 'one-of-several'));
    await Promise.race(all.map(({ elected }) => elected.promise));
    const [leader] = all.filter(({ election }) => election.isLeader);
    expect(all.filter(({ election }) => election.isLeader)).toHaveLength(1);
    const leadership = await leader?.elected.promise;
    expect(leadership?.aborted).toBe(false);
    await leader?.election.stop();
    expect(leadership?.aborted).toBe(true);
    await Promise.race(all.filter((replica) => replica !== leader).map(({ elected }) => elected.promise));
    expect((await readLease('one-of-several')).spec?.leaseTransitions).toBeGreaterThanOrEqual(1);
  });

  it('keeps its lease by renewing it', async () => {
    const { elected, election } = join('a', 'renewed');
    await elected.promise;
    const first = await readLease('renewed');
    while ((await readLease('renewed')).metadata.resourceVersion === first.metadata.resourceVersion);
    const later = await readLease('renewed');
    expect(later.spec?.acquireTime).toBe(first.spec?.acquireTime);
    expect(later.spec?.holderIdentity).toBe('a');
    expect(election.isLeader).toBe(true);
  });

  it('waits out a leader that is silent, whatever the clock in its lease says', async () => {
    await cluster.api.create<Lease>(resourcePath(LEASES, { namespace: 'default' }), {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'silent' },
      spec: {
        holderIdentity: 'gone',
        leaseDurationSeconds: 1,
        acquireTime: '2000-01-01T00:00:00.000000Z',
        renewTime: '2000-01-01T00:00:00.000000Z',
        leaseTransitions: 4,
      },
    });
    const begun = performance.now();
    await join('a', 'silent').elected.promise;
    expect(performance.now() - begun).toBeGreaterThan(950);
    expect((await readLease('silent')).spec).toMatchObject({ holderIdentity: 'a', leaseTransitions: 5 });
  });

  it('steps down when another took the lease', async () => {
    const { elected, election } = join('a', 'taken');
    const leadership = await elected.promise;
    for (;;) {
      const lease = await readLease('taken');
      const taken = { ...lease, spec: { ...lease.spec, holderIdentity: 'b' } };
      if (
        await cluster.api
          .replace(resourcePath(LEASES, { namespace: 'default', name: 'taken' }), taken)
          .catch(() => undefined)
      )
        break;
    }
    await new Promise((resolve) => leadership.addEventListener('abort', resolve));
    expect(election.isLeader).toBe(false);
  });

  it('steps down in time when the server no longer answers', async () => {
    let isHanging = false;
    let lease: unknown;
    const server = await startScriptedServer((request, response) => {
      if (isHanging) return;
      if (request.method === 'GET') {
        if (lease === undefined) refuse(response, 404, 'NotFound');
        else json(response, 200, lease);
        return;
      }
      lease = JSON.parse(request.body);
      json(response, 200, lease);
    });
    const replica = new Replica(server.cluster.api, 'a', { name: 'hanging' });
    const leadership = await replica.elected.promise;
    isHanging = true;
    // Others may take the lease when its time is over: that must come second.
    const order: string[] = [];
    const over = new Promise<void>((resolve) => {
      setTimeout(() => resolve(void order.push('the lease is over')), 1_000);
    });
    leadership.addEventListener('abort', () => order.push('steps down'));
    await over;
    expect(order).toEqual(['steps down', 'the lease is over']);
    await replica.election.stop();
    await server.close();
  });
});

describe('toMicroTime', () => {
  it('writes six decimals', () => {
    expect(toMicroTime(new Date(Date.UTC(2026, 0, 1, 0, 0, 0, 7)))).toBe('2026-01-01T00:00:00.007000Z');
  });
});
