/**
 * Every way in which grading an attempt can fail, once. The runner's exit codes, the scheduler's sentences and grace
 * periods, and the backend's deadlines are read from here. A new failure is a new entry, and nothing else.
 *
 * Where the cluster has a word for it, the failure has the same: the deployer shows those words to its users.
 */
import type { FailureDefinition } from './failure-definition.js';

const notStarted = 'The grader could not be started';
const notFinished = 'The grader did not finish';

export const failures = {
  // The model
  llm_refused: {
    sentence: 'The grading model refused to grade this submission. Please ask your instructor to look at it',
    retryable: false,
    scope: 'submission',
  },
  llm_content_filtered: {
    sentence:
      "The grading service's content filter stopped the grading. Please check the texts in your code, or ask your instructor",
    retryable: false,
    scope: 'submission',
  },
  llm_rate_limited: {
    sentence:
      'The grading service is busy at the moment. Your code was not graded; try again in a few minutes',
    retryable: true,
    scope: 'submission',
  },
  llm_quota_exhausted: {
    sentence:
      'The quota of the grading service is used up. Your instructor has to renew it; your code is not at fault',
    retryable: false,
    scope: 'installation',
  },
  llm_budget_spent: {
    sentence:
      "Today's budget for grading is used up. Grading goes on tomorrow by itself; your code is not at fault",
    retryable: true,
    scope: 'installation',
  },
  llm_auth_failed: {
    sentence: 'The grading service refused our key. An operator has to correct it; your code is not at fault',
    retryable: false,
    scope: 'installation',
  },
  llm_model_unknown: {
    sentence:
      'The grading service does not know the model that is set. An operator has to correct it; your code is not at fault',
    retryable: false,
    scope: 'installation',
  },
  llm_endpoint_unusable: {
    sentence:
      'The address of the grading service is wrong, or it cannot grade. An operator has to correct it; your code is not at fault',
    retryable: false,
    scope: 'installation',
  },
  llm_timeout: {
    sentence: 'The grading service took too long to answer. Your code was not graded; try again later',
    retryable: true,
    scope: 'submission',
  },
  llm_unavailable: {
    sentence:
      'The grading service cannot be reached or has an error. Your code was not graded; try again later',
    retryable: true,
    scope: 'installation',
  },
  llm_invalid_answer: {
    sentence:
      'The grading model gave an answer that cannot be used as a grade. Your code is not at fault; try again',
    retryable: true,
    scope: 'submission',
  },
  llm_answer_cut: {
    sentence:
      'The grading model did not come to an end of its answer. Your instructor has to give it more room; your code is not at fault',
    // With the same limit it would be cut at the same place.
    retryable: false,
    scope: 'submission',
  },
  llm_request_rejected: {
    sentence:
      'The grading service does not accept the request for this submission. Please ask your instructor',
    retryable: false,
    scope: 'submission',
  },
  // The Job and its pod
  image_pull_failed: {
    sentence: notStarted,
    retryable: true,
    scope: 'installation',
    reasons: {
      image_pull_failed: { grace: 'IMAGE_PULL_GRACE_MS' },
      image_not_present: { grace: 'IMAGE_PULL_GRACE_MS', retryable: false },
    },
  },
  image_name_invalid: {
    sentence: notStarted,
    retryable: false,
    scope: 'installation',
    reasons: { image_name_invalid: {} },
  },
  secret_missing: {
    sentence: notStarted,
    retryable: false,
    scope: 'installation',
    reasons: { secret_missing: { grace: 'MISSING_OBJECT_GRACE_MS' } },
  },
  config_map_missing: {
    sentence: notStarted,
    retryable: false,
    scope: 'installation',
    reasons: { config_map_missing: { grace: 'MISSING_OBJECT_GRACE_MS' } },
  },
  service_account_missing: {
    sentence: notStarted,
    retryable: false,
    scope: 'installation',
    reasons: { service_account_missing: { grace: 'SERVICE_ACCOUNT_GRACE_MS' } },
  },
  unschedulable: {
    sentence: notStarted,
    retryable: true,
    scope: 'submission',
    reasons: { unschedulable: { grace: 'UNSCHEDULABLE_GRACE_MS' }, pod_rejected: {} },
  },
  cluster_unavailable: {
    sentence: 'The cluster that runs the graders cannot be used at the moment',
    retryable: true,
    scope: 'installation',
  },
  quota_exceeded: {
    sentence: notStarted,
    retryable: true,
    scope: 'installation',
    reasons: { quota_exceeded: { grace: 'QUOTA_GRACE_MS' } },
  },
  admission_refused: {
    sentence: notStarted,
    retryable: false,
    scope: 'installation',
    reasons: {
      admission_refused: { grace: 'ADMISSION_GRACE_MS', graceAlways: true },
      pod_not_created: { grace: 'START_ERROR_GRACE_MS', retryable: true },
    },
  },
  start_error: {
    sentence: notStarted,
    // A command that cannot be run is part of the image or of its configuration: the next attempt would meet it again.
    retryable: false,
    scope: 'submission',
    reasons: {
      start_error: { grace: 'START_ERROR_GRACE_MS' },
      container_config_invalid: { grace: 'START_ERROR_GRACE_MS' },
      // A runtime that failed to create or start a container may have had a bad moment: another node may be well.
      runtime_error: { grace: 'START_ERROR_GRACE_MS', retryable: true },
      volume_not_mounted: { grace: 'VOLUME_GRACE_MS', retryable: true },
    },
  },
  start_timeout: {
    sentence: 'The grader was to be started but did not begin in time',
    retryable: true,
    scope: 'submission',
    late: { status: 'scheduled', sentence: 'The grader was to be started but did not begin' },
  },
  out_of_memory: {
    sentence: notFinished,
    retryable: false,
    scope: 'submission',
    reasons: { out_of_memory: {} },
  },
  deadline_exceeded: {
    sentence: 'The grading took longer than allowed and was stopped. Your code was not graded; try again',
    opening: notFinished,
    retryable: true,
    scope: 'submission',
    reasons: { deadline_exceeded: {} },
    late: { status: 'running', sentence: 'The grader began but did not deliver a result' },
  },
  evicted: {
    sentence: 'The grading was stopped by the system before it was done. Your code was not graded; try again',
    opening: notFinished,
    retryable: true,
    scope: 'submission',
    reasons: { evicted: {}, preempted: {} },
  },
  node_lost: { sentence: notFinished, retryable: true, scope: 'submission', reasons: { node_lost: {} } },
  crashed: {
    sentence: notFinished,
    retryable: false,
    scope: 'submission',
    reasons: { crash_loop: {}, exit_code: {}, killed_by_signal: {}, failed: { retryable: true } },
  },
  job_deleted: {
    sentence: "The grader's Job was deleted before it delivered a result",
    opening: notFinished,
    retryable: true,
    scope: 'submission',
    reasons: { pod_deleted: {} },
  },
  job_rejected: {
    sentence: "The cluster did not accept the grader's Job",
    retryable: false,
    scope: 'submission',
  },
  // The pipeline
  no_result: {
    sentence: 'The grader ended without delivering a result',
    retryable: true,
    scope: 'submission',
    exits: {
      notDelivered: { sentence: 'The grader could not deliver its result', retryable: true },
    },
  },
  result_ungradable: {
    sentence: "The grader's answer could not be taken as a grade",
    // The same runner on the same code would say the same again.
    retryable: false,
    scope: 'submission',
  },
  submission_unavailable: {
    sentence: 'The grader could not read your submission. Please submit it again, or ask an operator',
    retryable: false,
    scope: 'submission',
    exits: {
      notLoaded: { sentence: 'The grader could not load the submission', retryable: true },
    },
  },
  runner_misconfigured: {
    sentence: 'The grader is not set up correctly. An operator has to correct it; your code is not at fault',
    retryable: false,
    scope: 'installation',
    exits: {
      tokenRefused: { sentence: 'The grader was refused by the backend', retryable: false },
      misconfigured: { sentence: 'The grader is not set up correctly', retryable: false },
    },
  },
  queue_timeout: {
    sentence: 'The grading could not be started, although it was tried for a long time. Regrade to try again',
    retryable: true,
    scope: 'submission',
    late: { status: 'queued', sentence: 'The grading could not be started' },
  },
  internal_error: {
    sentence: 'The grader ran into a fault of its own. Your code was not graded; try again',
    retryable: true,
    scope: 'submission',
    exits: { internal: { sentence: 'The grader met a fault of its own', retryable: true } },
  },
} as const satisfies Readonly<Record<string, FailureDefinition>>;

/** Why a submission failed. Stable: clients branch on it, the sentence beside it is for people. */
export type FailureCode = keyof typeof failures;
