/** Node.js fires a timer at once that is set further ahead than this: 24.8 days. */
const FURTHEST = 2 ** 31 - 1;

/** A delay that a timer can take. What is further ahead never comes while the cluster runs. */
export function timerDelay(ms: number): number {
  return Math.min(Math.max(0, ms), FURTHEST);
}
