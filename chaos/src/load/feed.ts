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
  /** Resolves when it is time for the submission of this number, from 0. */
  turn: (index: number) => Promise<void>;
  /** Of this run: distinguishes its idempotency keys. */
  run: string;
}

/** Hands in so many submissions, each when it is its turn; those that meet an outage are repeated meanwhile. */
export async function feed(options: FeedOptions): Promise<Fed> {
  const { backend, assignmentId, programs, submissions, turn, run } = options;
  const fed: Fed = { acknowledged: [], repeated: 0, refused: [] };
  const handIn = async (index: number): Promise<void> => {
    await turn(index);
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
