import type { Base } from '../base.js';
import type { Grading } from '../submissions/create-grading.js';
import { RegradeListing } from './listing.js';
import { Regrades } from './regrades.js';
import { RegradeWorker } from './worker.js';

/** Grading many submissions again: the orders, and what carries them out. */
export interface RegradeFeature {
  regrades: Regrades;
  worker: RegradeWorker;
}

export function createRegrades(
  { config, stores, database }: Base,
  { assignments, regrading }: Pick<Grading, 'assignments' | 'regrading'>,
): RegradeFeature {
  const { regrades, regradeItems: items, submissions } = stores;
  const { now } = database.clock;
  const listing = new RegradeListing(regrades, items, submissions);
  const inFlight = config.REGRADE_IN_FLIGHT;
  return {
    regrades: new Regrades(regrades, items, assignments, now),
    worker: new RegradeWorker({ regrades, items, submissions, listing, regrading, inFlight, now }),
  };
}
