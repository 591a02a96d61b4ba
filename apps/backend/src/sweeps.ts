import type { SubmissionEvents } from './events/create-events.js';
import type { Telling } from './events/create-telling.js';
import { type Base, leaveAfterMs } from './base.js';
import type { BackendMetrics } from './metrics/metrics.js';
import { countStatuses } from './metrics/status-counts.js';
import { QueueReconciler } from './outbox/queue-reconciler.js';
import { sweepOutbox } from './outbox/sweeper.js';
import type { RegradeFeature } from './regrades/create-regrades.js';
import type { Grading } from './submissions/create-grading.js';
import { sweepDeadlines } from './submissions/deadlines.js';
import { startLoop } from './sweeping.js';

/** Milliseconds between two counts of what waits: as often as Prometheus asks. */
const statusCountsMs = 15_000;

export interface SweepParts {
  base: Base;
  metrics: BackendMetrics;
  grading: Grading;
  regrades: RegradeFeature;
  events: SubmissionEvents;
  telling: Telling;
}

/** Starts what is done again and again, on every replica, while MongoDB answers. */
export function startSweeps({ base, metrics, grading, regrades, events, telling }: SweepParts): void {
  const { config, stores, database, log, health, lifecycle } = base;
  const { now } = database.clock;
  const { publisher, queue, inbox, transitions } = grading;
  const lost = new QueueReconciler(stores.submissions, queue, publisher, config.REQUEUE_AFTER_MS);
  const sweeps = {
    outbox: async () => {
      metrics.setOutboxLag(await sweepOutbox(stores.submissions, publisher, now(), config.SWEEP_GRACE_MS));
    },
    inbox: () => inbox.sweep(config.SWEEP_GRACE_MS),
    lost: () => lost.round(now()),
    counts: async () => {
      metrics.setStatusCounts(await countStatuses(stores.submissions, stores.deadLetters));
    },
    // Asked once more: this ends the work of others.
    deadlines: async () => sweepDeadlines(stores.submissions, transitions, await database.askTime()),
    regrades: () => regrades.worker.turn(),
    erasure: () => grading.erasure.turn(),
    announcements: () => telling.announcements.turn(),
    webhooks: () => telling.webhooks.courier.turn(),
    usage: () => grading.usage.flush(),
    events: () => {
      metrics.setStreams(events.slots.size);
      return events.hub.poll();
    },
  };
  const intervals: Partial<Record<string, number>> = {
    events: config.EVENTS_POLL_MS,
    counts: statusCountsMs,
  };
  const loops = Object.entries(sweeps).map(([name, work]) => {
    const intervalMs = intervals[name] ?? config.SWEEP_INTERVAL_MS;
    const turn = async (): Promise<void> => {
      if (database.ready) await work();
    };
    return startLoop({ name, intervalMs, log, health }, turn);
  });
  const stop = async (): Promise<void> => {
    await Promise.all(loops.map((end) => end()));
    if (database.ready) await grading.usage.flush();
  };
  lifecycle.onStop('loops', stop, { leaveAfterMs });
}
