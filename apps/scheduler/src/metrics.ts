import type { Registry } from 'prom-client';
import { Counter, Gauge, Histogram } from 'prom-client';

/** Figures read at the moment Prometheus asks. */
export interface LiveFigures {
  jobsInFlight: () => number;
  /** How many may be in flight now: the cap, or less while the model's rate limit is felt. */
  limit: () => number;
  isLeader: () => boolean;
  /** Runner Jobs in the cluster by what they are doing. */
  jobsByState: () => Record<string, number>;
  /** Messages by state; rejects while Redis is down. */
  queueDepth: () => Promise<Record<string, number>>;
}

/** The scheduler's own metrics. */
export class SchedulerMetrics {
  readonly messages: Counter<'outcome'>;
  readonly failures: Counter<'code'>;
  readonly removed: Counter<'why'>;
  readonly claimSeconds: Histogram;
  readonly toJobSeconds: Histogram;
  readonly reconcileSeconds: Histogram;
  readonly reconcileFailures: Counter;
  readonly retries: Counter;

  private readonly registry: Registry;

  constructor(registry: Registry) {
    this.registry = registry;

    const registers = [registry];
    this.messages = new Counter({
      name: 'scheduler_messages_total',
      help: 'Messages taken off the queue, by what became of them; `created` counts Jobs.',
      labelNames: ['outcome'],
      registers,
    });
    this.failures = new Counter({
      name: 'scheduler_failures_total',
      help: 'Attempts failed by the scheduler, by failure code.',
      labelNames: ['code'],
      registers,
    });
    this.removed = new Counter({
      name: 'scheduler_jobs_removed_total',
      help: 'Jobs deleted because nobody waited for them, by reason.',
      labelNames: ['why'],
      registers,
    });
    const buckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300];
    this.claimSeconds = new Histogram({
      name: 'scheduler_claim_duration_seconds',
      help: 'Time of one claim call to the backend.',
      buckets,
      registers,
    });
    this.toJobSeconds = new Histogram({
      name: 'scheduler_enqueued_to_job_seconds',
      help: 'Time from a submission being put on the queue to its Job being created.',
      buckets,
      registers,
    });
    this.reconcileSeconds = new Histogram({
      name: 'scheduler_reconcile_duration_seconds',
      help: 'Time of one pass over all Jobs and submissions, on the replica that leads.',
      buckets,
      registers,
    });
    this.reconcileFailures = new Counter({
      name: 'scheduler_reconcile_failures_total',
      help: 'Passes of which something failed; the next one does it again.',
      registers,
    });
    this.retries = new Counter({
      name: 'scheduler_message_retries_total',
      help: 'Messages put back because no Job could be made of them for now.',
      registers,
    });
  }

  /** Adds the gauges. */
  watch(figures: LiveFigures): void {
    this.gauge('scheduler_jobs_in_flight', 'Runner Jobs that have not finished.', figures.jobsInFlight);
    this.gauge('scheduler_jobs_in_flight_limit', 'Runner Jobs that may be in flight now.', figures.limit);
    this.gauge('scheduler_is_leader', '1 on the replica that watches Jobs and reconciles.', () =>
      figures.isLeader() ? 1 : 0,
    );
    this.byState('scheduler_jobs', 'Runner Jobs in the cluster, by state.', figures.jobsByState);
    this.byState('scheduler_queue_messages', 'Messages on the queue, by state.', figures.queueDepth);
  }

  private byState(
    name: string,
    help: string,
    read: () => Record<string, number> | Promise<Record<string, number>>,
  ): void {
    const gauge = new Gauge({
      name,
      help,
      labelNames: ['state'],
      registers: [],
      async collect() {
        const counts = await read();
        this.reset();
        for (const [state, count] of Object.entries(counts)) this.set({ state }, count);
      },
    });
    this.registry.registerMetric(gauge);
  }

  private gauge(name: string, help: string, read: () => number): void {
    const gauge = new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(read());
      },
    });
    this.registry.registerMetric(gauge);
  }
}
