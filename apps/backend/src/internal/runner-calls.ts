import { type ResultAnswer, type RunnerRecord, isFinal } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import { objectId } from '@cloudemy/mongo';
import { type ResultGrant, invalidToken } from '../results/token.js';
import type { StoredSubmission, SubmissionCollection } from '../submissions/model.js';
import type { TransitionService } from '../submissions/transition-service.js';
import { runnerRecord } from '../submissions/view.js';

/** What the runner of an attempt asks and tells besides its result. */
export class RunnerCalls {
  private readonly submissions: SubmissionCollection;
  private readonly transitions: TransitionService;

  constructor(submissions: SubmissionCollection, transitions: TransitionService) {
    this.submissions = submissions;
    this.transitions = transitions;
  }

  /**
   * What Redis should have had.
   *
   * @throws ProblemError `invalid_result_token`, `stale_attempt`, `submission_final`
   */
  async record(grant: ResultGrant): Promise<RunnerRecord> {
    const found = await this.submissions.findOne({ _id: objectId(grant.submissionId) });
    assertWaiting(found, grant);
    return runnerRecord(found);
  }

  /**
   * Notes that the runner has begun, now or before.
   *
   * @throws ProblemError `invalid_result_token`, `stale_attempt`, `submission_final`
   */
  async started(grant: ResultGrant): Promise<ResultAnswer> {
    const { submissionId, attempt } = grant;
    const { submission } = await this.transitions.apply({
      submissionId: objectId(submissionId),
      attempt,
      to: 'running',
      actor: 'runner',
      reason: null,
    });
    assertWaiting(submission, grant);
    return { submission_id: submissionId, attempt, status: submission.status, score: null };
  }
}

function assertWaiting<S extends Pick<StoredSubmission, 'status' | 'attempt'>>(
  submission: S | undefined | null,
  { attempt }: ResultGrant,
): asserts submission is S {
  if (submission === undefined || submission === null || attempt > submission.attempt) {
    throw invalidToken('is for a submission that does not exist');
  }
  if (attempt < submission.attempt) {
    throw new ProblemError('stale_attempt', {
      detail: `Attempt ${attempt} is over: attempt ${submission.attempt} has taken over. Stop.`,
    });
  }
  if (isFinal(submission.status)) {
    throw new ProblemError('submission_final', {
      detail: `The submission is ${submission.status} already. Stop.`,
    });
  }
}
