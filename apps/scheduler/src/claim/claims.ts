import type { AttemptRef, ClaimAnswer, ClaimOutcome } from '@cloudemy/contracts';
import type { z } from 'zod';
import { Batcher } from '../backend/batcher.js';
import type { InternalClient } from '../backend/internal-client.js';

export type Claim = ClaimOutcome;

export interface ClaimsOptions {
  client: Pick<InternalClient, 'claimSubmissions'>;
  /** How long each call took, in seconds. */
  onCall?: (seconds: number) => void;
  /** Is told the whole answer to each call: it says how the model does, and whether the queue is held. */
  onAnswer?: (answer: z.output<typeof ClaimAnswer>) => void;
}

const maxClaims = 100;

/** Asks the backend which attempts want a Job, many in one call. */
export class Claims {
  private readonly batcher: Batcher<AttemptRef, Claim>;

  constructor({ client, onCall, onAnswer }: ClaimsOptions) {
    this.batcher = new Batcher({
      maxSize: maxClaims,
      // One: the first goes at once, and what comes meanwhile shares the next.
      maxCalls: 1,
      send: async (items) => {
        const started = performance.now();
        const answer = await client.claimSubmissions({ body: { items } });
        onCall?.((performance.now() - started) / 1000);
        onAnswer?.(answer);
        return answer.items;
      },
    });
  }

  /** Claiming again gives the same. Throws what the client throws. */
  claim(attempt: AttemptRef): Promise<Claim> {
    return this.batcher.add(attempt);
  }
}
