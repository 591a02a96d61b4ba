import type { AuditTrail, Happening } from '@cloudemy/auth';
import type { LogEndEvent } from '@cloudemy/contracts';
import type { KubeApi } from '@cloudemy/k8s';
import { type Logger, ProblemError } from '@cloudemy/service';
import type { Caller } from '../auth/caller.js';
import type { DeployedJob, DeployedJobs } from '../jobs/deployed-jobs.js';
import type { Cursor } from './cursor.js';
import { followJob } from './follow-job.js';
import { type LogChoice, choosePods } from './log-choice.js';
import type { LogItem } from './log-item.js';
import { type PlainLog, openPlainLog } from './plain-log.js';

export interface LogParts {
  api: KubeApi;
  deployed: DeployedJobs;
  audit: AuditTrail;
  log: Logger;
  /** Followed logs at a time. */
  maxStreams: number;
  /** Of one user. */
  maxStreamsPerUser: number;
}

/** Reads and follows the logs of deployed Jobs. */
export class Logs {
  readonly #stopping = new AbortController();
  #streams = 0;
  /** By user. */
  readonly #ofUser = new Map<string, number>();

  private readonly parts: LogParts;

  constructor(parts: LogParts) {
    this.parts = parts;
  }

  /** Logs that are followed now. */
  get streams(): number {
    return this.#streams;
  }

  /** @throws ProblemError `not_found`, `invalid_request`, `log_not_available`, `unavailable`, `namespace_not_served` */
  async read(caller: Caller, choice: LogChoice, signal: AbortSignal): Promise<PlainLog> {
    const { api, deployed, audit } = this.parts;
    const { found, pods } = await deployed.findWithPods(caller, choice.namespace, choice.jobName, signal);
    const log = await openPlainLog(api, found, pods, choice, signal);
    audit.note(reading('log_read', caller, choice, found));
    return log;
  }

  /**
   * Follows logs until the Job has ended, this service stops, or nobody takes what comes any more. Nothing is counted
   * or asked of the cluster before the first item is asked for, and all is let go of when the last was taken.
   *
   * @throws ProblemError `not_found`, `invalid_request`, `rate_limited`, `namespace_not_served` before the first item
   */
  async *follow(
    caller: Caller,
    choice: LogChoice,
    resume: Cursor | undefined,
    gone: AbortSignal,
  ): AsyncGenerator<LogItem> {
    const { api, deployed, audit, log } = this.parts;
    const { userId } = caller.actor;
    this.#assertRoom(userId);
    this.#count(userId, 1);
    try {
      const { found, pods } = await deployed.findWithPods(caller, choice.namespace, choice.jobName, gone);
      // What is wrong with the choice is said before the stream begins.
      choosePods(pods, choice);
      audit.note(reading('log_read', caller, choice, found));
      const signal = AbortSignal.any([gone, this.#stopping.signal]);
      try {
        yield { kind: 'open' };
        yield* followJob({ api, found, choice, resume, log, signal });
      } catch (error) {
        if (gone.aborted) return;
        if (!this.#stopping.signal.aborted) throw error;
        yield { kind: 'end', id: undefined, data: shutdown };
      } finally {
        audit.note(reading('log_left', caller, choice, found));
      }
    } finally {
      this.#count(userId, -1);
    }
  }

  #assertRoom(userId: string): void {
    const { maxStreams, maxStreamsPerUser } = this.parts;
    if (this.#streams >= maxStreams) {
      throw full(`${maxStreams} logs are followed already, as many as this service allows. Try again later.`);
    }
    if ((this.#ofUser.get(userId) ?? 0) >= maxStreamsPerUser) {
      throw full(`You follow ${maxStreamsPerUser} logs already, as many as you may. Close one.`);
    }
  }

  #count(userId: string, change: 1 | -1): void {
    this.#streams += change;
    const own = (this.#ofUser.get(userId) ?? 0) + change;
    if (own === 0) this.#ofUser.delete(userId);
    else this.#ofUser.set(userId, own);
  }

  /** Tells every reader that this service stops, and where to go on. */
  stop(): void {
    this.#stopping.abort();
  }
}

const full = (detail: string): ProblemError => new ProblemError('rate_limited', { detail, retryAfter: 10 });

const reading = (
  event: 'log_read' | 'log_left',
  { actor, address }: Caller,
  { namespace, jobName, pod, container }: LogChoice,
  { deploymentId }: DeployedJob,
): Happening => ({
  event,
  user_id: actor.userId,
  address,
  namespace,
  deployment_id: deploymentId,
  job_name: jobName,
  pod_name: pod ?? null,
  container_name: container ?? null,
});

const shutdown: LogEndEvent = {
  outcome: 'shutdown',
  reason: 'shutting_down',
  message: 'the deployer is stopping: connect again to go on',
};
