import type { JobStatus } from '@cloudemy/contracts';
import type { KubeApi } from '@cloudemy/k8s';
import type { Scope } from '../auth/caller.js';
import type { DeployedJobs } from './deployed-jobs.js';
import { viewJob } from './job-view.js';
import { outcomeOf } from './outcome.js';

/** Reads what has become of deployed Jobs. */
export class Jobs {
  private readonly parts: { api: KubeApi; deployed: DeployedJobs };

  constructor(parts: { api: KubeApi; deployed: DeployedJobs }) {
    this.parts = parts;
  }

  /** @throws ProblemError `namespace_not_served`, `not_found` */
  async status(scope: Scope, namespace: string, name: string, signal: AbortSignal): Promise<JobStatus> {
    const { api, deployed } = this.parts;
    const { found, pods } = await deployed.findWithPods(scope, namespace, name, signal);
    const outcome = await outcomeOf(api, found.job, pods, signal);
    return viewJob(found, outcome, pods);
  }
}
