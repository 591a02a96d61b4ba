/** Webhooks of one user. */
export const maxWebhooks = 20;
/** Messages that wait for one webhook: one that takes fewer than come is disabled. */
export const maxWaiting = 5_000;
/** Tries of a message that are shown. */
export const maxTriesShown = 10;

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Pauses before the second try of a message and those after it, as Standard Webhooks recommends them. */
export const pausesMs = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  10 * hour,
] as const;

/** A target that takes nothing for so long is not asked any more. */
export const failingForMs = 5 * 24 * hour;
/** How long messages are kept, whatever happened to them. */
export const keptMs = 14 * 24 * hour;
/** How long the secret before the last rotation signs too. */
export const rotationMs = 24 * hour;
/** For one answer; less than a lease, and than what a replica waits for at its end. */
export const answerMs = 10 * second;
export const leaseMs = minute;
