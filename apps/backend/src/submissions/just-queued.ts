import type { AttemptRef } from '@cloudemy/contracts';
import type { StoredSubmission } from './model.js';
import type { Position } from './mover.js';

/** About 1 KB each. The oldest are forgotten first: reading them again costs little. */
const maxRemembered = 5_000;

/**
 * Where the attempts are that this replica has queued itself, until they are claimed here: most claims then need no
 * read before their write. What is remembered may be out of date; the compare-and-set of the move finds out.
 */
export class JustQueued {
  private readonly positions = new Map<string, Position>();

  add(submission: StoredSubmission): void {
    const id = String(submission._id);
    this.positions.delete(id);
    this.positions.set(id, positionOf(submission));
    for (const oldest of this.positions.keys()) {
      if (this.positions.size <= maxRemembered) break;
      this.positions.delete(oldest);
    }
  }

  /** Forgets it, too: whoever asks next has to read. Undefined when nothing is known of this very attempt. */
  take({ submission_id, attempt }: AttemptRef): Position | undefined {
    const position = this.positions.get(submission_id);
    this.positions.delete(submission_id);
    return position?.attempt === attempt ? position : undefined;
  }
}

/** Without the code and all else that a whole submission holds. */
function positionOf(submission: StoredSubmission): Position {
  return {
    _id: submission._id,
    assignment_id: submission.assignment_id,
    status: submission.status,
    attempt: submission.attempt,
    requested_attempt: submission.requested_attempt,
    given_back: submission.given_back,
    seq: submission.seq,
    grade: submission.grade ?? null,
    max_score: submission.max_score,
    result_id: submission.result_id,
    user_id: submission.user_id,
    traceparent: submission.traceparent,
    waiting: submission.waiting,
    status_since: submission.status_since,
    regrade_id: submission.regrade_id,
    assignment: { version: submission.assignment.version },
  };
}
