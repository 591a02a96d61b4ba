import { isFinal } from '@cloudemy/contracts';
import { type Projected, projectionOf } from '@cloudemy/mongo';
import type { Announcer, Happening } from '@cloudemy/webhooks';
import type { Types } from 'mongoose';
import type { AssignmentModel } from '../assignments/model.js';
import { transitionsIn } from '../grades/history.js';
import type { RegradeModel, StoredRegrade } from '../regrades/model.js';
import type { ReviewRequestCollection, StoredReviewRequest } from '../reviews/model.js';
import { StoredSubmission, type SubmissionCollection } from '../submissions/model.js';

/** Of one turn; the next continues. */
const batchSize = 200;

const endedOnly = projectionOf(
  StoredSubmission,
  StoredSubmission.pick({
    _id: true,
    assignment_id: true,
    user_id: true,
    seq: true,
    history: true,
    untold: true,
  }),
);
type Ended = Projected<typeof endedOnly>;

interface Models {
  submissions: SubmissionCollection;
  regrades: RegradeModel;
  reviewRequests: ReviewRequestCollection;
  assignments: AssignmentModel;
}

/**
 * Hands the webhooks what happened. The write by which something happens marks it `untold`; the mark goes when every
 * webhook has it in its outbox. A crash between the two tells it again, which adds nothing.
 */
export class Announcements {
  private readonly models: Models;
  private readonly announcer: Announcer;

  constructor(models: Models, announcer: Announcer) {
    this.models = models;
    this.announcer = announcer;
  }

  async turn(): Promise<void> {
    await this.submissions();
    await this.regrades();
    await this.requests();
  }

  private async submissions(): Promise<void> {
    const { submissions } = this.models;
    const rows = await submissions
      .find<Ended>({ untold: { $gt: new Date(0) } }, { ...endedOnly, sort: { untold: 1 }, limit: batchSize })
      .toArray();
    if (rows.length === 0) return;
    const owners = await this.ownersOf(rows);
    await this.announcer.announce(rows.flatMap((row) => endsOf(row, owners)));
    // What has happened since it was read stays marked.
    await submissions.bulkWrite(
      rows.map(({ _id, seq }) => ({
        updateOne: { filter: { _id, seq }, update: { $unset: { untold: '' } } },
      })),
      { ordered: false },
    );
  }

  private async regrades(): Promise<void> {
    const { regrades } = this.models;
    const rows = await regrades
      .find({ untold: { $gt: new Date(0) } })
      .sort({ untold: 1 })
      .limit(batchSize)
      .lean<StoredRegrade[]>();
    if (rows.length === 0) return;
    const owners = await this.ownersOf(rows);
    await this.announcer.announce(rows.map((row) => regradeEnd(row, owners)));
    for (const { _id, untold = new Date(0) } of rows)
      await regrades.updateOne({ _id, untold }, { $unset: { untold: '' } });
  }

  private async requests(): Promise<void> {
    const { reviewRequests } = this.models;
    const rows = await reviewRequests
      .find({ untold: { $gt: new Date(0) } }, { sort: { untold: 1 }, limit: batchSize })
      .toArray();
    if (rows.length === 0) return;
    const owners = await this.ownersOf(rows);
    await this.announcer.announce(rows.map((row) => requestNews(row, owners)));
    for (const { _id, untold = new Date(0) } of rows)
      await reviewRequests.updateOne({ _id, untold }, { $unset: { untold: '' } });
  }

  /** Whose assignments these are, by the assignment. */
  private async ownersOf(rows: readonly { assignment_id: Types.ObjectId }[]): Promise<Map<string, string>> {
    const ids = new Map(rows.map(({ assignment_id }) => [String(assignment_id), assignment_id]));
    const found = await this.models.assignments
      .find({ _id: { $in: [...ids.values()] } }, { owner_id: 1 })
      .lean<{ _id: Types.ObjectId; owner_id: Types.ObjectId }[]>();
    return new Map(found.map(({ _id, owner_id }) => [String(_id), String(owner_id)]));
  }
}

function endsOf(row: Ended, owners: ReadonlyMap<string, string>): Happening[] {
  const { _id, assignment_id, user_id, history, untold } = row;
  const assignmentId = String(assignment_id);
  const owner = owners.get(assignmentId);
  const audience = [String(user_id), ...(owner === undefined ? [] : [owner])];
  return transitionsIn(history).flatMap(({ at, status, seq, attempt, failure, draft }) => {
    if (!isFinal(status) || draft === true || status === 'cancelled' || untold === undefined || at < untold)
      return [];
    const submissionId = String(_id);
    const data = {
      submission_id: submissionId,
      assignment_id: assignmentId,
      user_id: String(user_id),
      attempt,
      status,
      failure_code: failure?.code ?? null,
    };
    const type = status === 'graded' ? ('submission.graded' as const) : ('submission.failed' as const);
    return [{ type, id: `submission-${submissionId}-${seq}`, at, audience, assignmentId, data }];
  });
}

function regradeEnd(row: StoredRegrade, owners: ReadonlyMap<string, string>): Happening {
  const { _id, assignment_id, state, untold = new Date() } = row;
  const assignmentId = String(assignment_id);
  const owner = owners.get(assignmentId);
  return {
    type: 'regrade.done',
    id: `regrade-${String(_id)}-${untold.getTime()}`,
    at: untold,
    audience: owner === undefined ? [] : [owner],
    assignmentId,
    data: { regrade_id: String(_id), assignment_id: assignmentId, state },
  };
}

function requestNews(row: StoredReviewRequest, owners: ReadonlyMap<string, string>): Happening {
  const { _id, submission_id, assignment_id, user_id, criterion_id, state, untold = new Date() } = row;
  const assignmentId = String(assignment_id);
  const owner = owners.get(assignmentId);
  return {
    type: state === 'open' ? 'review.requested' : 'review.resolved',
    id: `review-${String(_id)}-${state}`,
    at: untold,
    audience: [String(user_id), ...(owner === undefined ? [] : [owner])],
    assignmentId,
    data: {
      request_id: String(_id),
      submission_id: String(submission_id),
      assignment_id: assignmentId,
      criterion_id,
      state,
    },
  };
}
