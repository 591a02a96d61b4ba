import type { Job, KubeApi } from '@cloudemy/k8s';
import type { Logger } from '@cloudemy/service';
import type { Reports } from '../backend/reports.js';
import type { States } from '../backend/states.js';
import type { Config } from '../config.js';
import type { JobStore } from '../jobs/job-store.js';
import type { ConcurrencyLimiter } from '../concurrency/concurrency-limiter.js';
import type { SchedulerMetrics } from '../metrics.js';
import { Warnings } from './warnings.js';
import { JobController } from '../settle/job-controller.js';
import { JobInformers } from './job-informers.js';
import { gracePeriodsOf } from '../settle/grace-period.js';
import { WorkQueue } from '../settle/work-queue.js';

export interface JobWatchDependencies {
  api: KubeApi;
  config: Config;
  jobs: JobStore;
  limiter: ConcurrencyLimiter;
  states: States;
  reports: Reports;
  metrics: SchedulerMetrics;
  log: Logger;
  /** Whether this replica is the one that acts on what it sees. */
  isLeader: () => boolean;
}

/** Jobs looked at side by side; each look costs at most a few requests, batched with others'. */
const concurrency = 64;

/**
 * Milliseconds: a new Job is told five times within some tens of them, by itself, its pod and the Warnings about that.
 * Whoever waits for what happened to it does not notice so much.
 */
const gatherMs = 75;

/**
 * What every replica sees of the cluster, and what the leading one does about it. All replicas keep the copy:
 * they need it for the cap, and whoever takes over has it warm.
 */
export class JobWatch {
  readonly informers: JobInformers;
  readonly controller: JobController;
  private readonly events: Warnings;
  private readonly queue: WorkQueue;

  constructor(deps: JobWatchDependencies) {
    const { api, config, jobs, limiter, states, reports, metrics, log } = deps;
    const namespace = config.K8S_NAMESPACE;
    const onError = (error: unknown): void => {
      log.warn({ err: error }, 'the watch on the cluster was interrupted');
    };
    this.queue = new WorkQueue({
      concurrency,
      gatherMs,
      handle: async (name) => (deps.isLeader() ? this.controller.handle(name) : undefined),
      onError: (job, error) => {
        log.warn({ err: error, job }, 'what became of a Job could not be reported yet');
      },
    });
    this.events = new Warnings({ api, namespace, onError, onWarningOf: (name) => this.lookAt(name) });
    this.informers = new JobInformers({
      api,
      namespace,
      instance: config.INSTANCE,
      relistIntervalMs: config.RESYNC_INTERVAL_MS,
      onJob: (job) => {
        limiter.observe(job);
        this.look(job);
      },
      onJobDeleted: (job) => {
        limiter.forget(job);
        this.controller.noteDeleted(job);
        this.look(job);
      },
      onJobsListed: (all) => {
        limiter.replace(all);
      },
      onPodOf: (name) => this.lookAt(name),
      onError,
    });
    this.controller = new JobController({
      look: (name) => this.informers.look(name),
      eventsAbout: (job, pods) => this.events.about(job, pods),
      removeJob: (job) => jobs.remove(job),
      exists: (name) => jobs.exists(name),
      states,
      reports,
      rules: { gracePeriod: gracePeriodsOf(config), resultGraceMs: config.RESULT_GRACE_MS },
      onFailure: (attempt, why, seen) => {
        metrics.failures.inc({ code: why.code });
        log.warn({ ...attempt, failure: why.code, why: why.message, seen }, 'attempt failed');
      },
    });
  }

  /**
   * Begins to watch what the leading replica judges by, besides the Jobs: pods and Warnings. Taking messages does not
   * need them, so it need not wait for them.
   *
   * @throws Error when stopped before everything was listed once
   */
  async watchAll(): Promise<void> {
    await this.informers.jobsSynced;
    await Promise.all([this.informers.watchPods(), this.events.start()]);
  }

  /** Has the Job of this name looked at, if this replica leads. */
  lookAt(name: string): void {
    this.queue.add(name);
  }

  async stop(): Promise<void> {
    await Promise.all([this.informers.stop(), this.events.stop()]);
    await this.queue.stop();
  }

  private look(job: Job): void {
    this.lookAt(job.metadata.name ?? '');
  }
}
