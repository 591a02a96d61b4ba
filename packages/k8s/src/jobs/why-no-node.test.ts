import { expect, test } from '@jest/globals';
import { whyNoNode } from './why-no-node.js';

test.each([
  [
    'a claim that is not there',
    '0/3 nodes are available: persistentvolumeclaim "scratch" not found. not found',
    'there is no PersistentVolumeClaim scratch in its namespace. Deploy one, or correct the name',
  ],
  [
    'a claim, by a cluster that says nothing else',
    'persistentvolumeclaim "scratch" not found',
    'there is no PersistentVolumeClaim scratch in its namespace. Deploy one, or correct the name',
  ],
  [
    'a claim that goes',
    '0/1 nodes are available: persistentvolumeclaim "scratch" is being deleted. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    'the PersistentVolumeClaim scratch is being deleted. Use another, or deploy it anew when it is gone',
  ],
  [
    'a claim without a volume',
    '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found',
    'a PersistentVolumeClaim of the pod has no volume yet. Its storage class must exist and have room',
  ],
  [
    'a storage class that is not there',
    'running PreFilter plugin "VolumeBinding": storageclass.storage.k8s.io "ssd" not found',
    'there is no storage class ssd. Name one that the cluster has, or none for its default',
  ],
])('%s is told in our words', (_what, message, words) => {
  expect(whyNoNode(message)).toBe(`the pod waits for its volume: ${words}`);
});

test('what is wrong with nodes stays in the words of the scheduler, without what repeats it', () => {
  expect(
    whyNoNode(
      '0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
    ),
  ).toBe('no node can take the pod: 0/2 nodes are available: 2 Insufficient cpu.');
});
