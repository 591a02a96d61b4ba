import { type Failure, byExitCode, byReason, failure } from '@cloudemy/contracts';
import type { Problem } from '@cloudemy/k8s';

/** Why a submission failed, from what was wrong with its Job. */
export function failureOf(problem: Problem): Failure {
  const because = wordsFor(problem);
  const exit = problem.reason === 'exit_code' ? byExitCode.get(problem.exitCode ?? 0) : undefined;
  if (exit !== undefined) return failure(exit.code, { ...exit, because });
  const { code, retryable } = byReason.get(problem.reason) ?? { code: 'internal_error', retryable: true };
  return failure(code, { because, retryable: retryable || wasKilled(problem) });
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
