import type { UnknownObject } from '@cloudemy/k8s';
import { createLogger } from '@cloudemy/service';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '@cloudemy/testing';
import { Types } from 'mongoose';
import { TestStack } from '../testing/stack.js';
import { deploymentModel } from './model.js';
import { DeploymentStore } from './store.js';
import { startSweep } from './sweep.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.stop());

test('deletions that cannot end keep no others from coming to theirs', async () => {
  const model = deploymentModel(stack.database);
  // A finalizer that nobody takes away keeps an object for ever.
  await stack.cluster.api.create('/api/v1/namespaces/default/configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kept', finalizers: ['example.com/nobody'] },
  });
  const { metadata } = await stack.cluster.api.get<UnknownObject>(
    '/api/v1/namespaces/default/configmaps/kept',
  );
  await stack.cluster.api.delete('/api/v1/namespaces/default/configmaps/kept');
  const stuck = deleting('kept', metadata.uid);
  const ended = deleting('gone', 'a-uid-of-before');
  await model.create([stuck, ended]);
  const stop = startSweep({
    api: stack.cluster.api,
    store: new DeploymentStore(model),
    log: createLogger('test', 'silent'),
    atOnce: 1,
  });
  await until(async () => (await model.findById(ended._id))?.stage === 'deleted');
  expect(await model.findById(stuck._id).lean()).toMatchObject({ stage: 'deleting', live: true });
  await stop();
});

/** A deployment of one ConfigMap, which is to be deleted. */
function deleting(name: string, uid?: string) {
  const now = new Date();
  return {
    _id: new Types.ObjectId(),
    name,
    namespace: 'default',
    owner: 'somebody',
    identity: name,
    stage: 'deleting' as const,
    live: true,
    claims: [`default/${name}`],
    objects: [
      {
        key: name,
        api_version: 'v1',
        kind: 'ConfigMap',
        resource: { group: '', version: 'v1', resource: 'configmaps' },
        name,
        generate_name: null,
        uid: uid ?? null,
        document: 1,
        bytes: 1,
        taken_over: false,
        applied_at: null,
        time_to_live: null,
        deletion_asked: true,
      },
    ],
    operation: null,
    error: null,
    created_at: now,
    updated_at: now,
    deleted_at: null,
  };
}
