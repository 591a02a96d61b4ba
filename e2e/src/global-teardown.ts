import { rm } from 'node:fs/promises';
import { jobLabels } from '@cloudemy/contracts';
import { type Job, JOBS, deleteJob, resourcePath } from '@cloudemy/k8s';
import type { Stack } from '@cloudemy/local-stack';
import { takeStack } from './running-stack.js';

/** Ends the stack and leaves nothing of it in the cluster. */
export default async function tearDown(): Promise<void> {
  const running = takeStack();
  if (running === undefined) return;
  const { stack, data } = running;
  try {
    await deleteJobs(stack);
  } finally {
    await stack.close();
    await rm(data, { recursive: true, force: true });
  }
}

/** One that vanishes meanwhile is what was wanted: its time to live ends, or the scheduler removes it. */
async function deleteJobs({ cluster: { api }, namespace }: Stack): Promise<void> {
  const labelSelector = `${jobLabels.managedBy}=${jobLabels.managedByValue}`;
  const { items } = await api.listAll<Job>(resourcePath(JOBS, { namespace }), { labelSelector });
  await Promise.all(items.map(({ metadata: { name = '' } }) => deleteJob(api, namespace, name)));
}
