import type { Job } from '@cloudemy/k8s';
import type { States, SubmissionState } from '../backend/states.js';
import { attemptOf, isFinished } from '../jobs/runner-jobs.js';
import { type Unwanted, whyUnwanted } from './why-unwanted.js';

export interface UnwantedJobsDependencies {
  allJobs: () => Job[];
  states: Pick<States, 'read'>;
  removeJob: (job: Job) => Promise<void>;
  /** Has a Job that is wanted looked at, with where its submission stands. */
  onWanted: (job: Job, state: SubmissionState) => void;
  onRemoved: (job: Job, why: Unwanted) => void;
}

/** From the cluster to the backend: removes Jobs that nobody waits for. Reads in batches, writes only for those. */
export class UnwantedJobs {
  /** Jobs of submissions that the backend did not know on the pass before, by uid. */
  private suspects = new Set<string>();

  private readonly deps: UnwantedJobsDependencies;

  constructor(deps: UnwantedJobsDependencies) {
    this.deps = deps;
  }

  /**
   * Looks at all Jobs once.
   *
   * @throws AggregateError of what backend or cluster threw; what was not reached is reached on the next pass
   */
  async pass(): Promise<void> {
    const suspects = new Set<string>();
    const checks = this.deps.allJobs().map((job) => this.check(job, suspects));
    const faults = (await Promise.allSettled(checks)).flatMap((check) =>
      check.status === 'rejected' ? [check.reason] : [],
    );
    this.suspects = suspects;
    if (faults.length > 0) throw new AggregateError(faults, `${faults.length} Jobs could not be reconciled`);
  }

  private async check(job: Job, suspects: Set<string>): Promise<void> {
    const attempt = attemptOf(job);
    if (attempt === undefined || job.metadata.deletionTimestamp !== undefined) return;
    const state = await this.deps.states.read(attempt.submission_id);
    const why = whyUnwanted(attempt, isFinished(job), state);
    if (why === undefined) {
      if (state !== undefined) this.deps.onWanted(job, state);
      return;
    }
    const uid = job.metadata.uid ?? '';
    if (why === 'unknown' && !this.suspects.has(uid)) {
      // A database restored or switched over may be behind for a moment: deleting can wait one pass.
      suspects.add(uid);
      return;
    }
    await this.deps.removeJob(job);
    this.deps.onRemoved(job, why);
  }
}
