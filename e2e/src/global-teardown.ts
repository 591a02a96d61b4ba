import { rm } from 'node:fs/promises';
import { jobLabels } from '@cloudemy/contracts';
import { JOBS, resourcePath } from '@cloudemy/k8s';
import { takeStack } from './running-stack.js';

/** Ends the stack and leaves nothing of it in the cluster. */
export default async function tearDown(): Promise<void> {
  const running = takeStack();
  if (running === undefined) return;
  const { stack, data } = running;
  const { api } = stack.cluster;
  const labelSelector = `${jobLabels.managedBy}=${jobLabels.managedByValue}`;
  const jobs = await api.listAll(resourcePath(JOBS, { namespace: stack.namespace }), { labelSelector });
  await Promise.all(
    jobs.items.map(({ metadata }) =>
      api.delete(resourcePath(JOBS, { namespace: stack.namespace, name: metadata?.name })),
    ),
  );
  await stack.close();
  await rm(data, { recursive: true, force: true });
}
