import { setTimeout as wait } from 'node:timers/promises';
import { type Backend, submit } from './submitter.js';

export interface Fed {
  /** Ids of the submissions that were acknowledged. */
  acknowledged: string[];
  /** Requests that had to be repeated. */
  repeated: number;
  /** What went wrong with those that were not. */
  refused: Error[];
}

export interface FeedOptions {
  backend: Backend;
  assignmentId: string;
  programs: readonly string[];
  submissions: number;
  /** Milliseconds over which they are spread evenly. */
  lastsMs: number;
  /** Of this run: distinguishes its idempotency keys. */
  run: string;
}

/** Hands in so many submissions, evenly over time; those that meet an outage are repeated beside the others. */
export async function feed(options: FeedOptions): Promise<Fed> {
  const { backend, assignmentId, programs, submissions, lastsMs, run } = options;
  const fed: Fed = { acknowledged: [], repeated: 0, refused: [] };
  const handIn = async (index: number): Promise<void> => {
    await wait((index * lastsMs) / submissions);
    const body = { assignment_id: assignmentId, code: programs[index % programs.length] ?? '' };
    try {
      fed.acknowledged.push(await submit(backend, body, `${run}-${index}`, () => (fed.repeated += 1)));
    } catch (error) {
      fed.refused.push(error instanceof Error ? error : new Error(String(error)));
    }
  };
  await Promise.all(Array.from({ length: submissions }, (_, index) => handIn(index)));
  return fed;
}
