import { expect, test } from '@jest/globals';
import type { KubeObject } from '../objects.js';
import { keepFieldTimes } from './field-times.js';

const secret = (time: string, data: Record<string, string> = { a: 'eA==' }): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 's',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    managedFields: [{ manager: 'm', time, fieldsV1: { 'f:data': {} } }],
  },
  data,
});

test('the same written again keeps the times at which its fields were set', () => {
  const again = secret('2026-01-01T00:00:09Z');
  keepFieldTimes(again, secret('2026-01-01T00:00:00Z'));
  expect(again).toEqual(secret('2026-01-01T00:00:00Z'));
});

test('a change, or another owner of a field, has the time of now', () => {
  const changed = secret('2026-01-01T00:00:09Z', { a: 'eQ==' });
  keepFieldTimes(changed, secret('2026-01-01T00:00:00Z'));
  expect(changed.metadata.managedFields).toMatchObject([{ time: '2026-01-01T00:00:09Z' }]);
  const taken = secret('2026-01-01T00:00:09Z');
  taken.metadata.managedFields = [
    { manager: 'other', time: '2026-01-01T00:00:09Z', fieldsV1: { 'f:data': {} } },
  ];
  keepFieldTimes(taken, secret('2026-01-01T00:00:00Z'));
  expect(taken.metadata.managedFields).toMatchObject([{ manager: 'other' }]);
});
