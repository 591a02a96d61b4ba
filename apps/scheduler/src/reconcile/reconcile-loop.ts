import { Loop } from '@cloudemy/async';
import type { Health, Logger } from '@cloudemy/service';
import type { Queue } from 'bullmq';
import type { SchedulerMetrics } from '../metrics.js';
import { queueDepth } from '../receive/queue-depth.js';
import type { SubmissionWorker } from '../receive/submission-worker.js';
import { WorkerWatchdog } from '../receive/worker-watchdog.js';
import type { Reconciler } from './reconciler.js';

export interface ReconcileLoopParts {
  everyMs: number;
  reconciler: Reconciler;
  isLeader: () => boolean;
  worker: SubmissionWorker;
  queue: Queue;
  health: Health;
  metrics: SchedulerMetrics;
  log: Logger;
}

/** The pass over everything on the leading replica, and on each a look whether its worker still works. Not started yet. */
export function createReconcileLoop(parts: ReconcileLoopParts): Loop {
  const { everyMs, reconciler, isLeader, worker, queue, health, metrics, log } = parts;
  const silenceMs = everyMs * 3 + 60_000;
  const turned = health.addLoop('reconcile', silenceMs);
  const watchdog = new WorkerWatchdog({
    worker,
    waiting: async () => {
      const { waiting = 0, prioritized = 0 } = await queueDepth(queue);
      return waiting + prioritized;
    },
    turned: health.addLoop('worker', silenceMs),
  });
  return new Loop({
    everyMs,
    run: async () => {
      if (!isLeader()) return;
      const stop = metrics.reconcileSeconds.startTimer();
      await reconciler.pass().finally(stop);
    },
    onError: (error) => {
      metrics.reconcileFailures.inc();
      log.warn({ err: error }, 'could not reconcile everything, trying again');
    },
    onTurn: () => {
      turned();
      void watchdog.look();
    },
  });
}
