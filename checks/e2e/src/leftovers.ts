import {
  JOBS,
  type KubeApi,
  PODS,
  type ResourceType,
  SECRETS,
  type UnknownObject,
  connectCluster,
} from '@cloudemy/k8s';
import { findInstallations, isOlder, removeInstallation, removeLabelled } from '@cloudemy/emulator-stack';

/** How the names of this suite's installations begin (ADR 14). */
export const instancePrefix = 'cloudemy-e2e';

/** On all that the tests deploy, but for the request of the documentation: the run that did. */
export const runLabel = 'cloudemy-e2e-run';

/** A name that no other run has, in the same namespace at the same time or before. */
export const nameIn = (run: string, name: string): string => `${name}-${run.slice(run.lastIndexOf('-') + 1)}`;

/** The Job of the documentation, which has no label of ours. */
export const docsJobIn = (run: string): string => nameIn(run, 'test-job');
const anyDocsJob = /^test-job-[0-9a-f]{8}$/;
const deployed = 'app.kubernetes.io/managed-by=cloudemy-deployer';

const core = (resource: string): ResourceType => ({ group: '', version: 'v1', resource });
const kinds = [JOBS, core('configmaps'), SECRETS, core('services')];

/** No run takes this long: what is older was left by one that was killed. */
const oldAfterMs = 3_600_000;

async function withCluster(kubeconfig: string, work: (api: KubeApi) => Promise<void>): Promise<void> {
  const cluster = connectCluster({ kubeconfig });
  try {
    await work(cluster.api);
  } finally {
    await cluster.close();
  }
}

/** Removes what tests of this run deployed and, as they failed, did not delete. */
export function removeDeployed(kubeconfig: string, namespace: string, run: string): Promise<void> {
  return withCluster(kubeconfig, async (api) => {
    for (const kind of kinds) await removeLabelled(api, kind, namespace, `${runLabel}=${run}`);
    await removeLabelled(api, JOBS, namespace, deployed, ({ metadata }) => metadata.name === docsJobIn(run));
    // Its test deletes it without waiting, and its pod heeds no signal.
    await removeLabelled(api, PODS, namespace, `batch.kubernetes.io/job-name=${docsJobIn(run)}`);
  });
}

/** Removes what runs that were killed left behind. */
export function removeOldRuns(kubeconfig: string, namespace: string): Promise<void> {
  const before = new Date(Date.now() - oldAfterMs);
  return withCluster(kubeconfig, async (api) => {
    const old = await findInstallations(api, namespace, { prefix: instancePrefix, before });
    for (const installation of old) await removeInstallation(api, installation);
    const isOld = (object: UnknownObject): boolean => isOlder(object, before);
    for (const kind of kinds) await removeLabelled(api, kind, namespace, runLabel, isOld);
    const isOldDocsJob = (object: UnknownObject): boolean =>
      isOld(object) && anyDocsJob.test(object.metadata.name ?? '');
    await removeLabelled(api, JOBS, namespace, deployed, isOldDocsJob);
  });
}
