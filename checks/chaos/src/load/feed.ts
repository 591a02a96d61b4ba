import { setTimeout as wait } from 'node:timers/promises';
import { type Backend, cancel, submit } from './submitter.js';

export interface Fed {
  /** Ids of the submissions that were acknowledged. */
  acknowledged: string[];
  /** When each was, in milliseconds of `performance.now()`. */
  acknowledgedAt: Map<string, number>;
  /** Requests that had to be repeated. */
  repeated: number;
  /** What went wrong with those that were not, and with cancellations. */
  refused: Error[];
}

export interface FeedOptions {
  backend: Backend;
  assignmentId: string;
  programs: readonly string[];
  submissions: number;
  /** Resolves when it is time for the submission of this number, from 0. */
  turn: (index: number) => Promise<void>;
  /** Each submission of a number divisible by this is cancelled; none when left out. */
  cancelEvery?: number | undefined;
  /** Hears of each submission that was acknowledged. */
  onAcknowledged?: (id: string) => void;
  /** Of this run: distinguishes its idempotency keys. */
  run: string;
}

/** Milliseconds after which somebody changes his mind, at most: some have no Job then, some are graded. */
const changeOfMindMs = 2_500;

/** Hands in so many submissions, each when it is its turn; those that meet an outage are repeated meanwhile. */
export async function feed(options: FeedOptions): Promise<Fed> {
  const { backend, assignmentId, programs, submissions, turn, cancelEvery, run } = options;
  const fed: Fed = { acknowledged: [], acknowledgedAt: new Map(), repeated: 0, refused: [] };
  const handIn = async (index: number): Promise<void> => {
    await turn(index);
    const body = { assignment_id: assignmentId, code: programs[index % programs.length] ?? '' };
    const onRepeat = (): void => void (fed.repeated += 1);
    try {
      const id = await submit(backend, body, `${run}-${index}`, onRepeat);
      fed.acknowledged.push(id);
      fed.acknowledgedAt.set(id, performance.now());
      options.onAcknowledged?.(id);
      if (cancelEvery === undefined || (index + 1) % cancelEvery !== 0) return;
      await wait(Math.random() * changeOfMindMs);
      await cancel(backend, id, onRepeat);
    } catch (error) {
      fed.refused.push(error instanceof Error ? error : new Error(String(error)));
    }
  };
  await Promise.all(Array.from({ length: submissions }, (_, index) => handIn(index)));
  return fed;
}
