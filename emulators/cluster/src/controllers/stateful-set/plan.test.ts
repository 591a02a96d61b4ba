import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Pod } from '../../kubelet/pod.js';
import { ordinalOf } from './identity.js';
import { nextSteps } from './plan.js';
import type { StatefulSet } from './types.js';
import { REVISION_LABEL } from './types.js';

type Spec = Omit<StatefulSet['spec'], 'selector' | 'template'>;

const metadata = (name: string) => ({ name, uid: name, resourceVersion: '1', creationTimestamp: '' });

function setOf(spec: Spec): StatefulSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metadata('db'),
    spec: { selector: {}, template: { spec: { containers: [] } }, ...spec },
  };
}

interface Slot {
  ready: boolean;
  revision: string;
}

function podOf(ordinal: number, { ready, revision }: Slot): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata(`db-${ordinal}`), labels: { [REVISION_LABEL]: revision } },
    spec: { containers: [] },
    status: ready
      ? {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: '' }],
        }
      : { phase: 'Pending' },
  };
}

const isUp = (pod: Pod): boolean => pod.status?.phase === 'Running';

/** Plans and carries out, pods getting ready in between, until nothing is left to do; returns what was done. */
function carryOut(set: StatefulSet, slots: Map<number, Slot>): string[] {
  const done: string[] = [];
  for (let round = 0; round < 100; round += 1) {
    const pods = [...slots].map(([ordinal, slot]) => podOf(ordinal, slot));
    const steps = nextSteps(set, { pods, available: isUp, updateRevision: 'new' });
    const unready = [...slots].filter(([, { ready }]) => !ready);
    if (steps.length === 0 && unready.length === 0) {
      return done;
    }
    for (const step of steps) {
      const ordinal = step.do === 'create' ? step.ordinal : ordinalOf(set, step.pod);
      done.push(`${step.do === 'create' ? '+' : '-'}${ordinal}`);
      if (step.do === 'create') {
        slots.set(ordinal, { ready: false, revision: 'new' });
      } else {
        slots.delete(ordinal);
      }
    }
    if (steps.length === 0) {
      unready.forEach(([ordinal, slot]) => slots.set(ordinal, { ...slot, ready: true }));
    }
  }
  throw new Error(`no end: ${done.join(' ')}`);
}

const old = { ready: true, revision: 'old' };
const three = () => new Map([0, 1, 2].map((ordinal) => [ordinal, old]));

describe('what a StatefulSet does next', () => {
  test.each<[string, Spec, Map<number, Slot>, string]>([
    ['starts pods one after the other', { replicas: 3 }, new Map(), '+0 +1 +2'],
    ['numbers from where it is told to', { replicas: 2, ordinals: { start: 5 } }, new Map(), '+5 +6'],
    ['scales down from the last', { replicas: 1, updateStrategy: { type: 'OnDelete' } }, three(), '-2 -1'],
    ['updates from the last, one at a time', { replicas: 3 }, three(), '-2 +2 -1 +1 -0 +0'],
    [
      'updates no pod below the partition',
      { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
      three(),
      '-2 +2',
    ],
    [
      'updates nothing by itself on OnDelete',
      { replicas: 3, updateStrategy: { type: 'OnDelete' } },
      three(),
      '',
    ],
    [
      'updates in parallel management one at a time, too',
      { replicas: 2, podManagementPolicy: 'Parallel' },
      new Map([0, 1].map((ordinal) => [ordinal, old])),
      '-1 +1 -0 +0',
    ],
  ])('%s', (_what, spec, slots, expected) => {
    expect(carryOut(setOf(spec), slots).join(' ')).toBe(expected);
  });

  test('in order, a pod that is not ready keeps those after it waiting; in parallel it does not', () => {
    const pods = [podOf(0, { ready: false, revision: 'new' })];
    const plan = (podManagementPolicy: 'OrderedReady' | 'Parallel') =>
      nextSteps(setOf({ replicas: 3, podManagementPolicy }), {
        pods,
        available: isUp,
        updateRevision: 'new',
      });
    expect(plan('OrderedReady')).toEqual([]);
    expect(plan('Parallel')).toEqual([
      { do: 'create', ordinal: 1 },
      { do: 'create', ordinal: 2 },
    ]);
  });

  test('whatever there is, it ends with the wanted pods of the new revision', () => {
    const slot = fc.record({ ready: fc.boolean(), revision: fc.constantFrom('old', 'new') });
    fc.assert(
      fc.property(
        fc.dictionary(fc.integer({ min: 0, max: 8 }).map(String), slot, { maxKeys: 6 }),
        fc.integer({ min: 0, max: 6 }),
        fc.constantFrom<('OrderedReady' | 'Parallel')[]>('OrderedReady', 'Parallel'),
        (given, replicas, podManagementPolicy) => {
          const slots = new Map(Object.entries(given).map(([ordinal, state]) => [Number(ordinal), state]));
          carryOut(setOf({ replicas, podManagementPolicy }), slots);
          const wanted = Array.from({ length: replicas }, (_, ordinal) => ordinal);
          expect([...slots.keys()].toSorted((one, other) => one - other)).toEqual(wanted);
          expect([...slots.values()].every(({ revision }) => revision === 'new')).toBe(true);
        },
      ),
    );
  });
});
