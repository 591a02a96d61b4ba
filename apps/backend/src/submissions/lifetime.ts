import { type Failure, type SubmissionStatus, meetsEverybody } from '@cloudemy/contracts';
import { type Clock, ownClock } from '@cloudemy/mongo';
import type { BackendConfig } from '../config.js';
import { states } from './states.js';

/** How long states last and how often failed attempts are repeated. */
export type LifetimeConfig = Pick<
  BackendConfig,
  | 'QUEUED_DEADLINE_MS'
  | 'SCHEDULED_DEADLINE_MS'
  | 'RUNNING_DEADLINE_MS'
  | 'MAX_AUTOMATIC_ATTEMPTS'
  | 'RETRY_BACKOFF_MS'
  | 'RETRY_BACKOFF_MAX_MS'
>;

/** An attempt among those that one request led to. */
export interface Tried {
  attempt: number;
  /** The attempt that the last request of a person began. */
  requested_attempt: number;
  /** Attempts since then that failed as any submission's would have. */
  given_back?: number;
}

/** As many attempts are given back at most: with the longest pause between them, a day's. */
const mostGivenBack = 300;

/** The clock of submissions: deadlines of states and pauses before retries. */
export class Lifetime {
  private readonly config: LifetimeConfig;
  private readonly random: () => number;
  /** The time of MongoDB, which keeps all that this reckons with. */
  readonly now: Clock;

  /** @param random from 0 up to 1; spreads retries, so that a thousand do not come back at once */
  constructor(config: LifetimeConfig, random: () => number = Math.random, now: Clock = ownClock) {
    this.config = config;
    this.now = now;
    this.random = random;
  }

  /** When a state entered at this instant must have ended; undefined for a final one. */
  deadline(status: SubmissionStatus, from: Date): Date | undefined {
    const { deadline } = states[status];
    return deadline === null ? undefined : new Date(from.getTime() + this.config[deadline]);
  }

  /**
   * Milliseconds until a failed attempt is repeated: doubling from one to the next, spread by a quarter either
   * way, and not before who turned it away wants to be asked again. A failure that would meet every submission spends
   * no attempt, whether or not another could help: it waits for whoever corrects the cause.
   *
   * @returns undefined when it is not to be repeated
   */
  pauseAfter(failure: Failure, tried: Tried): number | undefined {
    const { attempt, requested_attempt: first, given_back: givenBack = 0 } = tried;
    const isGivenBack = meetsEverybody(failure.code);
    const made = isGivenBack ? givenBack + 1 : attempt - first + 1 - givenBack;
    if (isGivenBack && made > mostGivenBack) return undefined;
    if (!isGivenBack && (!failure.retryable || made >= this.config.MAX_AUTOMATIC_ATTEMPTS)) return undefined;
    const { RETRY_BACKOFF_MS: base, RETRY_BACKOFF_MAX_MS: most } = this.config;
    const spread = 0.75 + this.random() / 2;
    const asked = (failure.retry_after_seconds ?? 0) * 1_000;
    // What was asked for is waited in full; the spread comes on top.
    return Math.max(Math.min(base * 2 ** (made - 1), most) * spread, asked * (0.25 + spread));
  }
}
