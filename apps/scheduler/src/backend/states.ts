import { type StatesAnswer, maxBatch } from '@cloudemy/contracts';
import type { z } from 'zod';
import { Batcher } from './batcher.js';
import type { InternalClient } from './internal-client.js';

/** Where a submission stands, by its current attempt. */
export type SubmissionState = z.output<typeof StatesAnswer>['items'][number];

/** Reads states of submissions, many in one call. */
export class States {
  private readonly batcher: Batcher<string, { state: SubmissionState | undefined }>;

  constructor(client: InternalClient) {
    this.batcher = new Batcher({
      maxSize: maxBatch,
      maxCalls: 2,
      send: async (submissionIds) => {
        const answer = await client.readStates({ body: { submission_ids: [...new Set(submissionIds)] } });
        const byId = new Map(answer.items.map((state) => [state.submission_id, state]));
        return submissionIds.map((id) => ({ state: byId.get(id) }));
      },
    });
  }

  /** Undefined for a submission that the backend does not know. Throws what the client throws. */
  async read(submissionId: string): Promise<SubmissionState | undefined> {
    return (await this.batcher.add(submissionId)).state;
  }
}
