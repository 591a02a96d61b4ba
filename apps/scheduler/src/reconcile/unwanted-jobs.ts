import { type AttemptRef, isFinal } from '@cloudemy/contracts';
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
  onRemoved: (job: Job, why: Unwanted | 'recorded') => void;
  /** Finished Jobs that stay to be looked at, when their time to live is not over: the newest. */
  keepFinished: number;
}

/** Requests to delete side by side. */
const removedAtATime = 16;

/** When the Job ended, as text that can be compared. */
const endOf = ({ metadata, status }: Job): string =>
  status?.conditions?.find((one) => one.status === 'True')?.lastTransitionTime ??
  metadata.creationTimestamp ??
  '';

/** Whether the backend knows how it ended. */
const isRecorded = (job: Job, { attempt }: AttemptRef, state: SubmissionState): boolean =>
  isFinished(job) && (isFinal(state.status) || state.attempt > attempt);

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
    const recorded: Job[] = [];
    const checks = this.deps.allJobs().map((job) => this.check(job, suspects, recorded));
    const faults = (await Promise.allSettled(checks)).flatMap((check) =>
      check.status === 'rejected' ? [check.reason] : [],
    );
    this.suspects = suspects;
    await this.removeOldest(recorded, faults);
    if (faults.length > 0) throw new AggregateError(faults, `${faults.length} Jobs could not be reconciled`);
  }

  /** Of Jobs whose end the backend knows only so many are kept: each takes room in the cluster and in here. */
  private async removeOldest(recorded: Job[], faults: unknown[]): Promise<void> {
    const surplus = recorded.length - this.deps.keepFinished;
    if (surplus <= 0) return;
    const oldest = recorded.toSorted((a, b) => (endOf(a) < endOf(b) ? -1 : 1)).slice(0, surplus);
    for (let from = 0; from < oldest.length; from += removedAtATime) {
      const removals = oldest.slice(from, from + removedAtATime).map(async (job) => {
        await this.deps.removeJob(job);
        this.deps.onRemoved(job, 'recorded');
      });
      for (const one of await Promise.allSettled(removals)) {
        if (one.status === 'rejected') faults.push(one.reason);
      }
      if (faults.length > 0) return;
    }
  }

  private async check(job: Job, suspects: Set<string>, recorded: Job[]): Promise<void> {
    const attempt = attemptOf(job);
    if (attempt === undefined || job.metadata.deletionTimestamp !== undefined) return;
    const state = await this.deps.states.read(attempt.submission_id);
    const why = whyUnwanted(attempt, isFinished(job), state);
    if (why === undefined) {
      if (state !== undefined) this.deps.onWanted(job, state);
      if (state !== undefined && isRecorded(job, attempt, state)) recorded.push(job);
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
