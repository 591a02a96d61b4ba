import type { Logger } from '@cloudemy/service';
import type { States } from '../backend/states.js';
import type { JobStore } from '../jobs/job-store.js';
import type { SchedulerMetrics } from '../metrics.js';
import type { JobInformers } from '../watch/job-informers.js';
import { cancelJob } from './cancel-jobs.js';
import type { CancelledAttempts } from './cancelled-attempts.js';
import { HintSubscriber } from './hint-subscriber.js';

export interface CancellationParts {
  redisUrl: string;
  cancelled: CancelledAttempts;
  jobs: JobStore;
  states: Pick<States, 'read'>;
  informers: JobInformers;
  metrics: SchedulerMetrics;
  /** Hints may have been missed. */
  onConnected: () => void;
  log: Logger;
}

/** Deletes the Jobs of submissions as they are cancelled. Not started yet. */
export function listenForCancellations(parts: CancellationParts): HintSubscriber {
  const { redisUrl, cancelled, jobs, states, informers, metrics, onConnected, log } = parts;
  return new HintSubscriber({
    redisUrl,
    onConnected,
    onHint: (hint) => {
      if (hint.status !== 'cancelled') return;
      cancelJob({ cancelled, jobs, states, known: (name) => informers.job(name) }, hint).then(
        (deleted) => deleted && metrics.removed.inc({ why: 'cancelled' }),
        (error: unknown) => log.warn({ err: error, ...hint }, 'a cancelled Job is not deleted yet'),
      );
    },
    log,
    onError: (error) => log.warn({ err: error }, 'cancellations arrive late: Redis does not answer'),
  });
}
