import { type AttemptRef, type Failure, failure, isFinal } from '@cloudemy/contracts';
import { type Job, type KubeEvent, type Pod, describeJob } from '@cloudemy/k8s';
import type { ReportOutcome, Reports } from '../backend/reports.js';
import type { States, SubmissionState } from '../backend/states.js';
import { attemptOf } from '../jobs/runner-jobs.js';
import { type JobMemory, type DecisionRules, type Decision, decide } from './decide.js';

export interface JobControllerDependencies {
  /** The Job of this name and its pods, as the watch shows them; undefined when there is none. */
  look: (name: string) => { job: Job; pods: Pod[] } | undefined;
  /** The Warnings about a Job and its pods, as the watch shows them. */
  eventsAbout: (job: Job, pods: Pod[]) => KubeEvent[];
  removeJob: (job: Job) => Promise<void>;
  /** Whether the API server, asked for this very name, has a Job of it. */
  exists: (name: string) => Promise<boolean>;
  states: Pick<States, 'read'>;
  reports: Pick<Reports, 'send'>;
  rules: DecisionRules;
  /**
   * An attempt was failed because of its Job.
   *
   * @param seen what the cluster says of the Job, for operators; undefined when it is gone
   */
  onFailure: (attempt: AttemptRef, failure: Failure, seen: string | undefined) => void;
}

/**
 * Brings what happened to runner Jobs to the backend. Driven by state, not by events: `handle` looks at how a
 * Job is now, so missed, repeated and reordered events change nothing.
 */
export class JobController {
  private readonly memories = new Map<string, JobMemory>();
  /** Jobs that were deleted while unfinished business was possible, by name. */
  private readonly vanished = new Map<string, AttemptRef>();

  private readonly deps: JobControllerDependencies;

  constructor(deps: JobControllerDependencies) {
    this.deps = deps;
  }

  /** Notes a deletion; `handle` then finds out whether the attempt was still waiting for it. */
  noteDeleted(job: Job): void {
    const uid = job.metadata.uid ?? '';
    const attempt = attemptOf(job);
    const settled = this.memories.get(uid)?.settled === true;
    this.memories.delete(uid);
    if (attempt !== undefined && !settled) this.vanished.set(job.metadata.name ?? '', attempt);
  }

  /**
   * Takes a Job over with what the backend knows of it, so that what it has been told already is not told again:
   * after a restart, thousands of Jobs cost no write. The backend's word stands above what is remembered here: its
   * database may have been restored, and then what it was told before has to be told again.
   */
  adopt(job: Job, state: SubmissionState): void {
    const attempt = attemptOf(job);
    if (attempt === undefined) return;
    const memory = this.memoryOf(job);
    memory.settled = isFinal(state.status) || state.attempt > attempt.attempt;
    if (state.status === 'running') memory.reported ??= 'running';
    else if (memory.reported === 'running') delete memory.reported;
  }

  /** Names of deleted Jobs whose attempts have not been looked at yet. */
  get deleted(): Iterable<string> {
    return this.vanished.keys();
  }

  /**
   * Looks at a Job and does what is to be done.
   *
   * @returns the milliseconds after which to look again though nothing may have changed
   */
  async handle(name: string): Promise<number | undefined> {
    const found = this.deps.look(name);
    const vanished = this.vanished.get(name);
    if (vanished !== undefined) {
      // A list can be stale, such as that of an API server that has just started: the Job is asked for by its name.
      if (found === undefined && !(await this.deps.exists(name))) await this.end(vanished, jobDeleted);
      this.vanished.delete(name);
    }
    if (found === undefined || found.job.metadata.deletionTimestamp !== undefined) return undefined;
    const attempt = attemptOf(found.job);
    const memory = this.memoryOf(found.job);
    if (attempt === undefined || memory.settled) return undefined;
    const { job, pods } = found;
    const outcome = describeJob(job, pods, this.deps.eventsAbout(job, pods));
    const decision = decide(outcome, memory, this.deps.rules, performance.now());
    return this.act(job, attempt, memory, decision, outcome.message);
  }

  private memoryOf(job: Job): JobMemory {
    const uid = job.metadata.uid ?? '';
    const known = this.memories.get(uid);
    if (known !== undefined) return known;
    const memory: JobMemory = { troubles: new Map(), settled: false };
    this.memories.set(uid, memory);
    return memory;
  }

  private async act(
    job: Job,
    attempt: AttemptRef,
    memory: JobMemory,
    decision: Decision,
    seen: string,
  ): Promise<number | undefined> {
    switch (decision.kind) {
      case 'wait':
        return decision.againMs;
      case 'running':
        await this.tell(memory, 'running', () => this.deps.reports.send({ kind: 'running', ...attempt }));
        return undefined;
      case 'waiting': {
        const { code, message, againMs } = decision;
        await this.tell(memory, `${code} ${message}`, () =>
          this.deps.reports.send({ kind: 'waiting', ...attempt, code, message }),
        );
        return againMs;
      }
      case 'give_up':
        // In this order: a crash between the two leaves a Job to find, not an attempt without a reason.
        await this.fail(attempt, decision.failure, seen);
        await this.deps.removeJob(job);
        memory.settled = true;
        return undefined;
      default:
        await this.end(attempt, decision.failure, seen);
        memory.settled = true;
        return undefined;
    }
  }

  /** Reports changes only. */
  private async tell(memory: JobMemory, what: string, send: () => Promise<ReportOutcome>): Promise<void> {
    if (memory.reported === what) return;
    const outcome = await send();
    memory.reported = what;
    if (outcome === 'final' || outcome === 'stale' || outcome === 'unknown') memory.settled = true;
  }

  /** Fails the attempt unless its result, or another attempt, is there already. */
  private async end(attempt: AttemptRef, why: Failure, seen?: string): Promise<void> {
    const state = await this.deps.states.read(attempt.submission_id);
    if (state === undefined || state.attempt !== attempt.attempt || isFinal(state.status)) return;
    await this.fail(attempt, why, seen);
  }

  private async fail(attempt: AttemptRef, why: Failure, seen?: string): Promise<void> {
    const outcome = await this.deps.reports.send({ kind: 'failed', ...attempt, failure: why });
    if (outcome === 'applied') this.deps.onFailure(attempt, why, seen);
  }
}

const jobDeleted = failure('job_deleted');
