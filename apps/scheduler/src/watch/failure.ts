import type { Failure, FailureCode } from '@cloudemy/contracts';
import type { JobReason, Problem } from '@cloudemy/k8s';
import { type Meaning, runnerExits } from './runner-exits.js';

/** What the cluster's reasons mean to a submission. Reasons that are not here are no failures. */
const meanings: Partial<Record<JobReason, Meaning>> = {
  image_pull_failed: { code: 'image_pull_failed', retryable: true },
  image_not_present: { code: 'image_pull_failed', retryable: false },
  image_name_invalid: { code: 'invalid_image_name', retryable: false },
  secret_missing: { code: 'missing_secret', retryable: false },
  config_map_missing: { code: 'missing_config', retryable: false },
  service_account_missing: { code: 'missing_config', retryable: false },
  container_config_invalid: { code: 'start_error', retryable: false },
  volume_not_mounted: { code: 'start_error', retryable: true },
  // A command that cannot be run is part of the image or of its configuration: the next attempt would meet it again.
  start_error: { code: 'start_error', retryable: false },
  // A runtime that failed to create or start a container may have had a bad moment, or its node: another may be well.
  runtime_error: { code: 'start_error', retryable: true },
  unschedulable: { code: 'unschedulable', retryable: true },
  pod_rejected: { code: 'unschedulable', retryable: true },
  quota_exceeded: { code: 'quota_exceeded', retryable: true },
  admission_refused: { code: 'admission_refused', retryable: false },
  pod_not_created: { code: 'admission_refused', retryable: true },
  out_of_memory: { code: 'out_of_memory', retryable: false },
  deadline_exceeded: { code: 'deadline_exceeded', retryable: true },
  evicted: { code: 'evicted', retryable: true },
  preempted: { code: 'evicted', retryable: true },
  node_lost: { code: 'node_lost', retryable: true },
  pod_deleted: { code: 'job_deleted', retryable: true },
  crash_loop: { code: 'crashed', retryable: false },
  exit_code: { code: 'crashed', retryable: false },
  killed_by_signal: { code: 'crashed', retryable: false },
  failed: { code: 'crashed', retryable: true },
};

/** The longest sentence the contract takes. */
const longest = 2_000;

/** Why a submission failed, from what was wrong with its Job. */
export function failureOf(problem: Problem): Failure {
  const exit = problem.reason === 'exit_code' ? runnerExits[problem.exitCode ?? 0] : undefined;
  const told = wordsFor(problem);
  if (exit !== undefined) return failure(exit.code, `${exit.sentence}: ${told}`, exit.retryable);
  const { code, retryable } = meanings[problem.reason] ?? { code: 'internal_error', retryable: true };
  return failure(code, `${opening(code)}: ${told}`, retryable || wasKilled(problem));
}

/** A runner does not kill itself: its node was short of memory, or somebody ended it. The next one may live. */
function wasKilled({ reason, signal }: Problem): boolean {
  return reason === 'killed_by_signal' && (signal === 'SIGKILL' || signal === 'SIGTERM');
}

/** What a student reads: of a runner that ended not its last words, which are lines of its log. */
function wordsFor({ reason, message, signal, exitCode }: Problem): string {
  switch (reason) {
    case 'killed_by_signal':
      return `its process was ended by ${signal ?? 'a signal'}`;
    case 'exit_code':
      return `its process exited with code ${exitCode ?? 'other than 0'}`;
    case 'crash_loop':
      return 'its process keeps failing';
    default:
      return message;
  }
}

/** A failure whose sentence begins with a capital, ends with a full stop and fits the contract. */
export function failure(code: FailureCode, sentence: string, retryable: boolean): Failure {
  const text = sentence.trim().replace(/[.\s]+$/, '');
  return { code, message: `${text.slice(0, longest - 1)}.`, retryable };
}

function opening(code: FailureCode): string {
  switch (code) {
    case 'crashed':
    case 'out_of_memory':
    case 'deadline_exceeded':
    case 'evicted':
    case 'node_lost':
    case 'job_deleted':
      return 'The grader did not finish';
    default:
      return 'The grader could not be started';
  }
}
