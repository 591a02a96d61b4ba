import type { RegradeEstimate, RegradeRequest } from '@cloudemy/contracts';
import type { Base } from '../base.js';
import type { Grading } from '../submissions/create-grading.js';
import { Drafts } from './drafts.js';
import { estimateRegrade } from './estimate.js';
import { RegradeListing } from './listing.js';
import { Regrades } from './regrades.js';
import { RegradeWorker } from './worker.js';

/** Grading many submissions again: the orders, and what carries them out. */
export interface RegradeFeature {
  regrades: Regrades;
  worker: RegradeWorker;
  /** @throws ProblemError `not_found` */
  estimate: (assignmentId: string, request: RegradeRequest) => Promise<RegradeEstimate>;
}

export function createRegrades(
  { config, stores, database }: Base,
  { assignments, regrading, grades }: Pick<Grading, 'assignments' | 'regrading' | 'grades'>,
): RegradeFeature {
  const { regrades, regradeItems: items, submissions } = stores;
  const { now } = database.clock;
  const listing = new RegradeListing(regrades, items, submissions);
  const drafts = new Drafts({ items, submissions, grades, now });
  const inFlight = config.REGRADE_IN_FLIGHT;
  return {
    regrades: new Regrades(regrades, items, assignments, drafts, now),
    estimate: async (assignmentId, request) => {
      await assignments.get(assignmentId);
      return estimateRegrade(submissions, inFlight, assignmentId, request);
    },
    worker: new RegradeWorker({ regrades, items, submissions, listing, regrading, inFlight, now }),
  };
}
