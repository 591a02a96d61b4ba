import { resultWithin } from '@cloudemy/async';

/** A reader waits this long for what is nice to know, in milliseconds. */
const waitMs = 250;

/** What Redis answers, unless it fails or takes too long: then undefined. Never throws. */
export const atOnce = <T>(work: Promise<T>): Promise<T | undefined> =>
  resultWithin(
    waitMs,
    work.catch(() => undefined),
  );
