import type { Metrics } from '@cloudemy/service';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { TransitionListener } from '../submissions/transition.js';
import type { StatusCounts } from './status-counts.js';
import { llmMetrics } from './llm-metrics.js';

/** What the backend counts besides its requests. */
export class BackendMetrics {
  readonly onTransition: TransitionListener;
  private readonly lag: Gauge;
  private readonly streams: Gauge;
  private readonly active: Gauge<'status'>;
  private readonly oldest: Gauge<'status'>;
  private readonly deadLetters: Gauge;

  constructor({ registry }: Metrics) {
    const registers = [registry];
    this.lag = new Gauge({
      name: 'submission_outbox_lag_seconds',
      help: 'Time that the oldest submission has been waiting to be put on the queue, at the last sweep.',
      registers,
    });
    this.streams = new Gauge({
      name: 'submission_event_streams',
      help: 'Live streams open at this replica.',
      registers,
    });
    this.active = new Gauge({
      name: 'submissions_active',
      help: 'Submissions in each state that is not final, in the database: the same at every replica.',
      labelNames: ['status'],
      registers,
    });
    this.oldest = new Gauge({
      name: 'submission_oldest_seconds',
      help: 'How long the oldest submission in each state that is not final has been in it; 0 when there is none.',
      labelNames: ['status'],
      registers,
    });
    this.deadLetters = new Gauge({
      name: 'dead_letters',
      help: 'Messages that could not be worked on and were not replayed, in the database.',
      registers,
    });
    this.onTransition = onTransition(registry);
  }

  setOutboxLag(ms: number): void {
    this.lag.set(ms / 1_000);
  }

  setStreams(count: number): void {
    this.streams.set(count);
  }

  setStatusCounts({ active, deadLetters }: StatusCounts): void {
    for (const { status, count, oldestMs } of active) {
      this.active.set({ status }, count);
      this.oldest.set({ status }, oldestMs / 1_000);
    }
    this.deadLetters.set(deadLetters);
  }
}

function onTransition(registry: Metrics['registry']): TransitionListener {
  const registers = [registry];
  const transitions = new Counter({
    name: 'submission_transitions_total',
    help: 'Transitions of submissions made by this replica.',
    labelNames: ['from', 'to'],
    registers,
  });
  const inState = new Histogram({
    name: 'submission_state_seconds',
    help: 'Time that submissions spent in a state, seen when they left it.',
    labelNames: ['status'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600],
    registers,
  });
  const failures = new Counter({
    name: 'submission_attempt_failures_total',
    help: 'Attempts that ended without a grade, by failure code; `retried` tells whether another one follows.',
    labelNames: ['code', 'retried'],
    registers,
  });
  const observeModel = llmMetrics(registry);
  return ({ submission, from, since, metrics, failure }) => {
    const to = submission.status;
    transitions.inc({ from, to });
    inState.observe({ status: from }, Math.max(0, Date.now() - since.getTime()) / 1_000);
    if (failure !== null) failures.inc({ code: failure.code, retried: String(to === 'queued') });
    if (metrics !== null && metrics !== undefined) observeModel(metrics);
  };
}
