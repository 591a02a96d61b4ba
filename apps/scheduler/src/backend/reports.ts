import { type JobReport, type ReportAnswer, maxBatch } from '@cloudemy/contracts';
import type { z } from 'zod';
import { Batcher } from './batcher.js';
import type { InternalClient } from './internal-client.js';

export type ReportOutcome = z.output<typeof ReportAnswer>['items'][number]['outcome'];

/** Milliseconds: nobody sees a report come so much later, and hundreds of pods start at a time. */
const gatherMs = 25;

/** Tells the backend what happened to Jobs, many in one call. Repeating a report changes nothing. */
export class Reports {
  private readonly batcher: Batcher<JobReport, ReportOutcome>;

  constructor(client: InternalClient) {
    this.batcher = new Batcher({
      maxSize: maxBatch,
      // One at a time: `running` must not overtake the `failed` that follows it.
      maxCalls: 1,
      gatherMs,
      send: async (items) => {
        const answer = await client.reportJobs({ body: { items } });
        return answer.items.map(({ outcome }) => outcome);
      },
    });
  }

  /** Throws what the client throws. */
  send(report: JobReport): Promise<ReportOutcome> {
    return this.batcher.add(report);
  }
}
