/** Of a runner's Job; both services need to know it. */
const jobDeadline = { RUNNER_ACTIVE_DEADLINE_SECONDS: '40' };

/**
 * Times that make a run short: deadlines, pauses and graces of the services, scaled down alike. Generous enough
 * that a busy machine alone fails nothing.
 */
export const backendTimes = {
  ...jobDeadline,
  SWEEP_INTERVAL_MS: '500',
  REQUEUE_AFTER_MS: '3000',
  QUEUED_DEADLINE_MS: '600000',
  SCHEDULED_DEADLINE_MS: '60000',
  RUNNING_DEADLINE_MS: '60000',
  MAX_AUTOMATIC_ATTEMPTS: '6',
  RETRY_BACKOFF_MS: '500',
  RETRY_BACKOFF_MAX_MS: '4000',
};

/** Jobs go soon after they have finished, so that one left over shows. */
export const schedulerTimes = {
  RESYNC_INTERVAL_MS: '2000',
  RESULT_GRACE_MS: '3000',
  MISSING_JOB_GRACE_MS: '4000',
  ...jobDeadline,
  RUNNER_TTL_SECONDS: '3',
  LLM_TIMEOUT_MS: '6000',
};

/** Pods at a time: each is a process of this machine. */
export const jobsInFlight = 12;

/** Milliseconds the emulated model takes, so that there are always some runners to be met. */
export const llmDelayMs = 250;
