import type { Discovery, KubeApi, Policy } from '@cloudemy/k8s';
import type { DeploymentStore } from './store.js';

/** Where the objects of a deployment go, and by which rules. */
export interface ApplyTarget {
  api: KubeApi;
  discovery: Discovery;
  policy: Policy;
  store: Pick<DeploymentStore, 'findByUid'>;
  namespace: string;
  deploymentId: string;
  /** Adopt what others made, and overwrite fields that others own. */
  force: boolean;
}
