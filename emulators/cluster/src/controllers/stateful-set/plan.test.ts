import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Pod } from '../../kubelet/pod.js';
import { ordinalOf } from './identity.js';
import { nextStep } from './plan.js';
import type { StatefulSet } from './types.js';
import { REVISION_LABEL } from './types.js';

const metadata = (name: string) => ({ name, uid: name, resourceVersion: '1', creationTimestamp: '' });

const setOf = (replicas: number): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: metadata('db'),
  spec: { replicas, selector: {}, template: { spec: { containers: [] } } },
});

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

/** Plans and carries out, pods getting ready in between, until nothing is left to do; returns what was done. */
function carryOut(set: StatefulSet, slots: Map<number, Slot>): string[] {
  const done: string[] = [];
  for (let round = 0; round < 100; round += 1) {
    const pods = [...slots].map(([ordinal, slot]) => podOf(ordinal, slot));
    const step = nextStep(set, pods, 'new');
    if (step === undefined) {
      if ([...slots.values()].every(({ ready }) => ready)) {
        return done;
      }
      slots.forEach((slot) => (slot.ready = true));
    } else if ('create' in step) {
      done.push(`+${step.create}`);
      slots.set(step.create, { ready: false, revision: 'new' });
    } else {
      const ordinal = ordinalOf(set, step.remove);
      done.push(`-${ordinal}`);
      slots.delete(ordinal);
    }
  }
  throw new Error('it never ends');
}

test('pods come in order, go from the last, and are replaced from the last by those of a new template', () => {
  expect(carryOut(setOf(3), new Map())).toEqual(['+0', '+1', '+2']);
  const old = () =>
    new Map([0, 1, 2].map((ordinal): [number, Slot] => [ordinal, { ready: true, revision: 'old' }]));
  expect(carryOut(setOf(2), old())).toEqual(['-2', '-1', '+1', '-0', '+0']);
});

test('whatever pods there are, the set ends with those it wants, all of the new template', () => {
  const slot = fc.record({ ready: fc.boolean(), revision: fc.constantFrom('old', 'new') });
  const slots = fc.array(fc.tuple(fc.nat(6), slot)).map((entries) => new Map(entries));
  fc.assert(
    fc.property(fc.nat(4), slots, (wanted, pods) => {
      carryOut(setOf(wanted), pods);
      expect([...pods.keys()].toSorted((left, right) => left - right)).toEqual(
        Array.from({ length: wanted }, (_, index) => index),
      );
      expect([...pods.values()].every(({ revision }) => revision === 'new')).toBe(true);
    }),
  );
});
