import type { AttemptRef, ClaimOutcome, LlmPressure } from '@cloudemy/contracts';
import { type BatchSizes, Batcher } from '../backend/batcher.js';
import type { InternalClient } from '../backend/internal-client.js';
import { requestsAtATime } from '../jobs/job-store.js';

export type Claim = ClaimOutcome;

export interface ClaimsOptions {
  client: Pick<InternalClient, 'claimSubmissions'>;
  /** How long each call took, in seconds. */
  onCall?: (seconds: number) => void;
  /** How the model does, told with each answer. */
  onPressure?: (pressure: LlmPressure) => void;
  /** How much claimed work waits to be created; the same as `none` when left out. */
  ahead?: () => Ahead;
}

/**
 * `none`: nothing is being created. `little`: something is, and more could be at once. `some`: as much is as can be, and
 * more waits. `enough`: for as long as a call takes.
 */
export type Ahead = 'none' | 'little' | 'some' | 'enough';

const maxClaims = 100;

/**
 * Claims in one call. Most of a call's cost does not depend on their number, so while there is something to create they
 * gather: for a moment only, while more could be created meanwhile. And such a call holds no more than are created at a
 * time, for the first of it waits for the last.
 */
const sizes: Record<Ahead, BatchSizes> = {
  none: { least: 1, most: 16 },
  little: { least: 8, most: requestsAtATime, forMs: 3 },
  some: { least: requestsAtATime, most: maxClaims },
  enough: { least: 64, most: maxClaims },
};

/** Asks the backend which attempts want a Job, many in one call. */
export class Claims {
  private readonly batcher: Batcher<AttemptRef, Claim>;

  constructor({ client, onCall, onPressure, ahead = () => 'none' }: ClaimsOptions) {
    this.batcher = new Batcher({
      maxSize: maxClaims,
      // One: the first goes at once, and what comes meanwhile shares the next.
      maxCalls: 1,
      sizes: () => sizes[ahead()],
      send: async (items) => {
        const started = performance.now();
        const answer = await client.claimSubmissions({ body: { items } });
        onCall?.((performance.now() - started) / 1000);
        onPressure?.(answer.llm);
        return answer.items;
      },
    });
  }

  /** Claiming again gives the same. Throws what the client throws. */
  claim(attempt: AttemptRef): Promise<Claim> {
    return this.batcher.add(attempt);
  }
}
