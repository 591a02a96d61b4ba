import type { Metrics } from '@cloudemy/service';
import { Counter, Gauge } from 'prom-client';
import type { TransitionListener } from './submissions/mover.js';

/** What the backend counts besides its requests. */
export class BackendMetrics {
  readonly onTransition: TransitionListener;
  private readonly lag: Gauge;
  private readonly streams: Gauge;

  constructor({ registry }: Metrics) {
    const registers = [registry];
    const transitions = new Counter({
      name: 'submission_transitions_total',
      help: 'Transitions of submissions made by this replica.',
      labelNames: ['from', 'to'],
      registers,
    });
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
    this.onTransition = ({ submission, from }) => {
      transitions.inc({ from, to: submission.status });
    };
  }

  setOutboxLag(ms: number): void {
    this.lag.set(ms / 1_000);
  }

  setStreams(count: number): void {
    this.streams.set(count);
  }
}
