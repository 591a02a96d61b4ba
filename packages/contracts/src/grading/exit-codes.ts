/** Exit codes of the runner, after sysexits.h: what happened to the attempt, for whoever reads the Job. */
export const ExitCode = {
  /** A final result was delivered, graded or failed; or nothing was left to do (stale, cancelled). */
  done: 0,
  /** EX_UNAVAILABLE: the submission could be loaded neither from Redis nor from the backend. */
  notLoaded: 69,
  /** EX_SOFTWARE: a fault of the runner itself, and not even that could be reported. */
  internal: 70,
  /** EX_TEMPFAIL: there is a result, but the backend did not take it. Running again may help. */
  notDelivered: 75,
  /** EX_NOPERM: the backend refuses the token of this attempt. */
  tokenRefused: 77,
  /** EX_CONFIG: the environment is wrong. Reported to the backend as well, when the address of it is known. */
  misconfigured: 78,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
