import { type ActiveAttempt, type Failure, failure, queueJobId, runnerJobName } from '@cloudemy/contracts';

export interface MissingJobsDependencies {
  /** Every attempt that is scheduled or running, by the backend. */
  activeAttempts: () => AsyncIterable<ActiveAttempt>;
  /** Whether the watch shows a Job of this name. */
  isKnown: (jobName: string) => boolean;
  /** Whether the queue still holds a message with this id: then the Job is under way. */
  isQueued: (queueJob: string) => Promise<boolean>;
  /** Whether the API server, asked itself, has a Job of this name. */
  exists: (jobName: string) => Promise<boolean>;
  fail: (attempt: ActiveAttempt, why: Failure) => Promise<void>;
  /** Milliseconds an attempt may be without a Job: the watch may be behind, a result about to come. */
  graceMs: number;
  now?: () => number;
}

/** Attempts looked into side by side. */
const width = 16;

/**
 * From the backend to the cluster: fails attempts that have neither a Job nor a message that will make one, so that
 * they are tried again. Their Job was deleted while nobody watched, or the queue was lost between claim and Job.
 */
export class MissingJobs {
  /** Since when each Job is missing, by name. */
  private suspects = new Map<string, number>();

  private readonly deps: MissingJobsDependencies;

  constructor(deps: MissingJobsDependencies) {
    this.deps = deps;
  }

  /**
   * Looks at all active attempts once. Costs a request per attempt only for those that seem to be missing.
   *
   * @throws what backend, queue or cluster threw; nothing is concluded from a question without an answer
   */
  async pass(): Promise<void> {
    const now = (this.deps.now ?? (() => performance.now()))();
    const suspects = new Map<string, number>();
    const due: ActiveAttempt[] = [];
    for await (const attempt of this.deps.activeAttempts()) {
      const name = runnerJobName(attempt.submission_id, attempt.attempt);
      if (this.deps.isKnown(name)) continue;
      const since = this.suspects.get(name) ?? now;
      suspects.set(name, since);
      if (now - since >= this.deps.graceMs) due.push(attempt);
    }
    this.suspects = suspects;
    for (let from = 0; from < due.length; from += width) {
      await Promise.all(due.slice(from, from + width).map((attempt) => this.examine(attempt)));
    }
  }

  private async examine(attempt: ActiveAttempt): Promise<void> {
    const { submission_id, attempt: number } = attempt;
    // In this order: a message leaves the queue when its Job exists, so whoever finds neither has missed none.
    if (await this.deps.isQueued(queueJobId(submission_id, number))) return;
    if (await this.deps.exists(runnerJobName(submission_id, number))) return;
    await this.deps.fail(attempt, jobMissing);
  }
}

const jobMissing = failure('job_deleted', { sentence: "The grader's Job is not in the cluster any more" });
