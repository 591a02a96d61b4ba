import { createHash } from 'node:crypto';
import type { Actor } from '@cloudemy/auth';
import { type ReviewCause, type ReviewItem } from '@cloudemy/contracts';
import { evidenceMissingTag, manipulationTag, reviewTags, unfoundedTag } from '@cloudemy/grading';
import { cutPage, decodeCursor, objectId } from '@cloudemy/mongo';
import type { Types } from 'mongoose';
import { gradeOf, gradeView } from '../grades/grade.js';
import type { SubmissionCollection } from '../submissions/model.js';
import { type Listed, listedOnly } from '../submissions/view.js';
import type { ReviewRequestCollection } from './model.js';

/** Submissions of one assignment that are in the queue at a time; when some are answered, others follow. */
const maxItems = 2_000;

export const causeOfTag: Readonly<Record<string, ReviewCause>> = {
  [manipulationTag]: 'manipulation',
  [unfoundedTag]: 'unfounded',
  [evidenceMissingTag]: 'evidence_missing',
};

interface QueueQuery {
  limit: number;
  cursor?: string | undefined;
  cause?: ReviewCause | undefined;
}

/** What somebody should look at, of one assignment. */
export class ReviewQueue {
  private readonly submissions: SubmissionCollection;
  private readonly requests: ReviewRequestCollection;

  constructor(submissions: SubmissionCollection, requests: ReviewRequestCollection) {
    this.submissions = submissions;
    this.requests = requests;
  }

  /** A page in an order of the reader's own. */
  async list({ userId }: Actor, assignmentId: string, { limit, cursor, cause }: QueueQuery) {
    const filters = { assignmentId, userId, cause };
    const after = decodeCursor('review-queue', filters, cursor);
    const asked = await this.open(assignmentId);
    const rows = (await this.candidates(assignmentId, [...asked.keys()]))
      .map((row) => ({ ...itemOf(row, asked.get(String(row._id)) ?? []), _id: placeOf(userId, row._id) }))
      .filter(({ causes }) => causes.length > 0 && (cause === undefined || causes.includes(cause)))
      .toSorted((a, b) => (a._id.toHexString() < b._id.toHexString() ? -1 : 1));
    const rest = rows.filter(({ _id }) => after === undefined || _id.toHexString() > after.toHexString());
    return cutPage(rest.slice(0, limit + 1), limit, 'review-queue', filters, ({ _id, ...item }) => item);
  }

  /** Open requests by submission. */
  private async open(assignmentId: string): Promise<Map<string, string[]>> {
    const found = await this.requests
      .find(
        { assignment_id: objectId(assignmentId), state: 'open' },
        { projection: { submission_id: 1 }, limit: maxItems },
      )
      .toArray();
    const bySubmission = Object.groupBy(found, ({ submission_id }) => String(submission_id));
    return new Map(
      Object.entries(bySubmission).map(([id, all = []]) => [id, all.map(({ _id }) => String(_id))]),
    );
  }

  private candidates(assignmentId: string, asked: readonly string[]): Promise<Listed[]> {
    return this.submissions
      .find<Listed>(
        {
          assignment_id: objectId(assignmentId),
          $or: [
            { _id: { $in: asked.map(objectId) } },
            { 'grade.fail_tags': { $in: [...reviewTags] }, 'grade.source': { $ne: 'decided' } },
            { status: 'failed', grade: null },
          ],
        },
        { ...listedOnly, limit: maxItems },
      )
      .toArray();
  }
}

function itemOf(row: Listed, requests: string[]): ReviewItem {
  const grade = gradeOf(row);
  const isDecided = grade?.source === 'decided';
  const ofTags = isDecided ? [] : (grade?.fail_tags ?? []).flatMap((tag) => causeOfTag[tag] ?? []);
  const causes: ReviewCause[] = [
    ...(requests.length > 0 ? ['requested' as const] : []),
    ...ofTags,
    ...(grade === null && row.status === 'failed' ? ['failed' as const] : []),
  ];
  return {
    submission_id: String(row._id),
    causes,
    score: grade?.score ?? null,
    max_score: grade?.max_score ?? row.max_score,
    grade_version: gradeView(grade)?.version ?? null,
    request_ids: requests,
    created_at: row.created_at.toISOString(),
  };
}

/** Shuffled, and the same each time the same reader asks. */
function placeOf(userId: string, { id }: Types.ObjectId): Types.ObjectId {
  const hash = createHash('sha256').update(userId).update(id).digest('hex');
  return objectId(hash.slice(0, 24));
}
