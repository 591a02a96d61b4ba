import { JOBS, type Job, type KubeApi, describeJob, resourcePath } from '@cloudemy/k8s';
import type { Announcer, Happening } from '@cloudemy/webhooks';
import type { DeployedJobs } from '../jobs/deployed-jobs.js';

export interface EndedJobsParts {
  api: KubeApi;
  deployed: DeployedJobs;
  announcer: Announcer;
  namespaces: readonly string[];
}

/** Jobs whose end is known to be told; the oldest are forgotten, and told again to nobody. */
const maxKnown = 20_000;
/** Jobs that ended longer ago are no news; less than messages are kept, by which telling twice is noticed. */
const newsMs = 7 * 24 * 3_600_000;

/** Tells of Jobs that have ended, while anybody wants to know. */
export class EndedJobs {
  private readonly parts: EndedJobsParts;
  private readonly known = new Set<string>();

  constructor(parts: EndedJobsParts) {
    this.parts = parts;
  }

  async turn(): Promise<void> {
    const { api, announcer, namespaces } = this.parts;
    if (!(await announcer.isAsked('job.ended'))) return;
    for (const namespace of namespaces) {
      const { items } = await api.listAll<Job>(resourcePath(JOBS, { namespace }), {
        // Of the others no more than that they are there.
        keep: (job) => (this.isNews(job) ? job : { metadata: {}, spec: job.spec }),
      });
      const ended = items.filter((job) => job.metadata.uid !== undefined);
      const told = await Promise.all(ended.map((job) => this.happeningOf(namespace, job)));
      await announcer.announce(told.flatMap((one) => one ?? []));
      for (const { metadata } of ended) this.remember(metadata.uid);
    }
  }

  private isNews(job: Job): boolean {
    const ended = endOf(job);
    const isKnown = this.known.has(job.metadata.uid ?? '');
    return ended !== undefined && !isKnown && Date.now() - ended.getTime() < newsMs;
  }

  private async happeningOf(namespace: string, job: Job): Promise<Happening | undefined> {
    const found = await this.parts.deployed.ownerOf(namespace, job);
    const at = endOf(job);
    if (found === undefined || at === undefined) return undefined;
    const { phase, reason } = describeJob(job, []);
    const data = {
      job_name: job.metadata.name ?? '',
      namespace,
      deployment_id: found.deploymentId,
      state: phase,
      reason,
    };
    return { type: 'job.ended', id: `job-${job.metadata.uid ?? ''}`, at, audience: [found.owner], data };
  }

  private remember(uid: string | undefined): void {
    if (uid === undefined) return;
    this.known.add(uid);
    const [oldest] = this.known;
    if (this.known.size > maxKnown && oldest !== undefined) this.known.delete(oldest);
  }
}

/** When what happened to a Job was decided. */
function endOf({ status }: Job): Date | undefined {
  const end = status?.conditions?.find(
    (one) => (one.type === 'Complete' || one.type === 'Failed') && one.status === 'True',
  );
  return end?.lastTransitionTime === undefined ? undefined : new Date(end.lastTransitionTime);
}
