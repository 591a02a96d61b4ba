import { ProblemError, notFound } from '@cloudemy/service';
import type { Types } from 'mongoose';
import type { Assignments } from '../assignments/assignments.js';
import type { ActorName } from '../auth/actor-name.js';
import { keepFormerGrade } from '../grades/grade.js';
import { type Origin, snapshotOf } from './intake.js';
import type { SubmissionCollection } from './model.js';
import type { TransitionService } from './transition-service.js';
import type { TransitionResult, SubmissionSnapshot } from './transition.js';

/** Who wants another attempt, and why. */
export interface AttemptRequest {
  actor: ActorName;
  origin: Origin;
  /** Said in the history, followed by the version of the assignment. */
  reason: string;
  /** The bulk regrade that this is part of. */
  regradeId?: Types.ObjectId;
  /** It changes no grade. */
  draft?: boolean;
}

/** Begins new attempts of submissions that are final, by the assignment as it is now. */
export class Regrading {
  private readonly assignments: Assignments;
  private readonly submissions: SubmissionCollection;
  private readonly transitions: TransitionService;

  constructor(assignments: Assignments, submissions: SubmissionCollection, transitions: TransitionService) {
    this.submissions = submissions;
    this.assignments = assignments;
    this.transitions = transitions;
  }

  /**
   * Begins the attempt after the one that `current` has ended with; once, however often it is asked for.
   *
   * @throws ProblemError `not_found` when the assignment is gone
   */
  async begin(
    current: SubmissionSnapshot,
    { actor, origin, reason, regradeId, draft = false }: AttemptRequest,
  ): Promise<TransitionResult> {
    if (current.erased_at !== undefined) {
      throw new ProblemError('conflict', {
        detail: 'The submission is erased: there is nothing left to grade.',
      });
    }
    const assignment = await this.assignments.find(String(current.assignment_id));
    if (assignment === null) throw notFound('assignment', String(current.assignment_id));
    await keepFormerGrade(this.submissions, current);
    return this.transitions.apply(
      {
        submissionId: current._id,
        attempt: current.attempt,
        to: 'queued',
        actor,
        reason: `${reason} by version ${assignment.version} of the assignment.`,
        newAttempt: {
          assignment: snapshotOf(assignment),
          max_score: assignment.max_score,
          request_id: origin.requestId,
          traceparent: origin.traceparent,
          regrade_id: regradeId ?? null,
          draft,
        },
      },
      current,
    );
  }
}
