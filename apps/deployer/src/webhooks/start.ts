import { Loop } from '@cloudemy/async';
import type { Base } from '../base.js';
import { announceDeployments } from './announcements.js';
import { EndedJobs } from './ended-jobs.js';

/** Milliseconds between two turns. */
const everyMs = 2_000;

/**
 * Tells by webhooks, again and again, what has happened. Any number of replicas may do so.
 *
 * @returns stops it
 */
export function startTelling(base: Base): () => Promise<void> {
  const { api, database, deployed, deployments, policy, webhooks, log } = base;
  const { announcer, courier } = webhooks;
  const jobs = new EndedJobs({ api, deployed, announcer, namespaces: policy.namespaces });
  const onError = (error: unknown) => log.debug({ err: error }, 'webhooks could not be served, trying again');
  const works = [() => announceDeployments(deployments, announcer), () => jobs.turn(), () => courier.turn()];
  const loops = works.map((work) => {
    const run = async (): Promise<void> => {
      if (database.ready) await work();
    };
    return new Loop({ everyMs, jitter: 0.25, run, onError }).start();
  });
  return async () => {
    await Promise.all(loops.map((loop) => loop.stop()));
    await courier.stop();
  };
}
