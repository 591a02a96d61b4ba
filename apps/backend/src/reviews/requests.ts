import type { Actor } from '@cloudemy/auth';
import type { ReviewRequest, ReviewRequestCreate } from '@cloudemy/contracts';
import { type Clock, isDuplicateKey, newId, objectId } from '@cloudemy/mongo';
import { ProblemError, notFound } from '@cloudemy/service';
import { gradeOf, gradeView } from '../grades/grade.js';
import type { StoredSubmission, SubmissionCollection } from '../submissions/model.js';
import { assertLines } from './lines.js';
import type { ReviewRequestCollection, StoredReviewRequest } from './model.js';

const maxRequests = 20;

/** Students ask for another look; whoever runs the course answers. */
export class ReviewRequests {
  private readonly requests: ReviewRequestCollection;
  private readonly submissions: SubmissionCollection;
  private readonly now: Clock;

  constructor(requests: ReviewRequestCollection, submissions: SubmissionCollection, now: Clock) {
    this.requests = requests;
    this.submissions = submissions;
    this.now = now;
  }

  /** @throws ProblemError `not_found`, `invalid_request`, `conflict`, `quota_exceeded` */
  async ask(submissionId: string, body: ReviewRequestCreate): Promise<ReviewRequest> {
    const submission = await this.mustFind(submissionId);
    const grade = gradeOf(submission);
    if (grade === null) throw conflict('There is no grade yet that could be looked at again.');
    const { criterion_id: criterion, lines } = body;
    const known = (grade.criteria ?? []).map((one) => one.criterion_id);
    if (criterion !== null && !known.includes(criterion)) {
      const reason = `is none of ${known.join(', ')}`;
      throw new ProblemError('invalid_request', {
        detail: `body criterion_id ${reason}.`,
        errors: [{ in: 'body', path: 'criterion_id', reason }],
      });
    }
    if (lines !== null) assertLines(submission, lines, 'lines.');
    if ((await this.requests.countDocuments({ submission_id: submission._id })) >= maxRequests) {
      throw new ProblemError('quota_exceeded', {
        detail: `You have asked ${maxRequests} times about this submission, as often as may be.`,
      });
    }
    const { id, createdAt } = newId(this.now());
    const request: StoredReviewRequest = {
      _id: id,
      submission_id: submission._id,
      assignment_id: submission.assignment_id,
      user_id: submission.user_id,
      ...body,
      grade_version: gradeView(grade)?.version ?? null,
      state: 'open',
      answer: null,
      grade_changed: null,
      created_at: createdAt,
      resolved_by: null,
      resolved_at: null,
      untold: createdAt,
    };
    try {
      await this.requests.insertOne(request);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      throw conflict('You have asked about this already; the request is still open.');
    }
    return requestView(request);
  }

  async list(submissionId: string): Promise<ReviewRequest[]> {
    const found = this.requests.find({ submission_id: objectId(submissionId) }, { sort: { _id: 1 } });
    return (await found.toArray()).map(requestView);
  }

  /**
   * Answers once: of two who do so at once, the second is told.
   *
   * @throws ProblemError `not_found`, `conflict`
   */
  async answer(
    { userId }: Actor,
    submissionId: string,
    requestId: string,
    answer: string,
  ): Promise<ReviewRequest> {
    const submission = await this.mustFind(submissionId);
    const which = { _id: objectId(requestId), submission_id: submission._id };
    const asked = await this.requests.findOne(which);
    if (asked === null) throw notFound('request about this submission', requestId);
    const now = this.now();
    const version = gradeView(gradeOf(submission))?.version ?? null;
    const answered = await this.requests.findOneAndUpdate(
      { ...which, state: 'open' },
      {
        $set: {
          state: 'resolved',
          answer,
          grade_changed: version !== asked.grade_version,
          resolved_by: objectId(userId),
          resolved_at: now,
          untold: now,
        },
      },
      { returnDocument: 'after' },
    );
    if (answered === null) {
      const before = await this.requests.findOne(which);
      throw conflict(
        `The request was answered at ${before?.resolved_at?.toISOString() ?? 'this very moment'} by user:${String(before?.resolved_by)}. Read it again.`,
      );
    }
    return requestView(answered);
  }

  private async mustFind(submissionId: string): Promise<StoredSubmission> {
    const found = await this.submissions.findOne({ _id: objectId(submissionId) });
    if (found === null) throw notFound('submission', submissionId);
    return found;
  }
}

const conflict = (detail: string): ProblemError => new ProblemError('conflict', { detail });

function requestView(request: StoredReviewRequest): ReviewRequest {
  const { _id, submission_id, created_at, resolved_by, resolved_at } = request;
  const { criterion_id, lines, text, grade_version, state, answer, grade_changed } = request;
  return {
    request_id: String(_id),
    submission_id: String(submission_id),
    criterion_id,
    lines,
    text,
    grade_version,
    state,
    answer,
    grade_changed,
    created_at: created_at.toISOString(),
    resolved_by: resolved_by === null ? null : String(resolved_by),
    resolved_at: resolved_at?.toISOString() ?? null,
  };
}
