import { JOBS, type KubeApi, type ResourceType, SECRETS, connectCluster } from '@cloudemy/k8s';
import { findInstallations, removeInstallation, removeLabelled } from '@cloudemy/local-stack';

/** How the names of this suite's installations begin (ADR 14). */
export const instancePrefix = 'cloudemy-e2e';

/** On all that the tests deploy: the run that did. */
export const runLabel = 'cloudemy-e2e-run';

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
  });
}

/** Removes what runs that were killed left behind. */
export function removeOldRuns(kubeconfig: string, namespace: string): Promise<void> {
  const before = new Date(Date.now() - oldAfterMs);
  return withCluster(kubeconfig, async (api) => {
    const old = await findInstallations(api, namespace, { prefix: instancePrefix, before });
    for (const installation of old) await removeInstallation(api, installation);
    for (const kind of kinds) await removeLabelled(api, kind, namespace, runLabel, before);
  });
}
