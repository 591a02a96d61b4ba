import type { SubmissionStatus, SubmissionSummary } from '@cloudemy/contracts';
import type { Types } from 'mongoose';
import { cutPage, decodeCursor, firstIdAt, objectId } from '@cloudemy/mongo';
import type { Sees } from '../courses/sight.js';
import type { Visible } from '../auth/scope.js';
import type { SubmissionCollection } from './model.js';
import { type Listed, listedOnly, summaryView } from './view.js';

export interface SubmissionListQuery {
  limit: number;
  cursor?: string | undefined;
  assignment_id?: string | undefined;
  user_id?: string | undefined;
  status?: SubmissionStatus | undefined;
  /** ISO 8601. */
  created_after?: string | undefined;
  /** ISO 8601. */
  created_before?: string | undefined;
}

/**
 * A page of submissions, newest first. Every query is a walk down an index on `_id`, alone or after a filter.
 *
 * @param visible what the list is narrowed to besides
 * @param sight tells of these whose grades the reader sees
 */
export async function listSubmissions(
  model: SubmissionCollection,
  { limit, cursor, ...filters }: SubmissionListQuery,
  visible: Visible,
  sight: (rows: readonly Listed[]) => Promise<Sees>,
): Promise<{ items: SubmissionSummary[]; next_cursor: string | null }> {
  const { assignment_id: assignment, user_id: user, status } = filters;
  const last = decodeCursor('submissions', filters, cursor);
  const created = instants(filters);
  const range = idRange(created, last);
  const rows = await model
    .find<Listed>(
      {
        ...(assignment === undefined ? {} : { assignment_id: objectId(assignment) }),
        ...(user === undefined ? {} : { user_id: objectId(user) }),
        ...(status === undefined ? {} : { status }),
        ...(Object.keys(range).length === 0 ? {} : { _id: range }),
        ...(Object.keys(created).length === 0 ? {} : { created_at: created }),
        ...(visible === undefined ? {} : { $and: [visible] }),
      },
      { ...listedOnly, sort: { _id: -1 }, limit: limit + 1 },
    )
    .toArray();
  const sees = await sight(rows);
  return cutPage(rows, limit, 'submissions', filters, (row) => summaryView(row, sees));
}

interface Range<T> {
  $gte?: T;
  $lt?: T;
}

function instants({ created_after: after, created_before: before }: CreatedFilters): Range<Date> {
  return {
    ...(after === undefined ? {} : { $gte: new Date(after) }),
    ...(before === undefined ? {} : { $lt: new Date(before) }),
  };
}

type CreatedFilters = Pick<SubmissionListQuery, 'created_after' | 'created_before'>;

/** An id holds the second it was made in, at most this much before the instant that is noted beside it. */
const slackMs = 1_000;

/** Bounds the walk down the index; the exact instants decide within it. */
function idRange(created: Range<Date>, last: Types.ObjectId | undefined): Range<Types.ObjectId> {
  const { $gte: after, $lt: before } = created;
  const below = [
    ...(last === undefined ? [] : [last]),
    ...(before === undefined ? [] : [firstIdAt(new Date(before.getTime() + slackMs))]),
  ].toSorted((a, b) => (a.toHexString() < b.toHexString() ? -1 : 1))[0];
  return {
    ...(after === undefined ? {} : { $gte: firstIdAt(new Date(after.getTime() - slackMs)) }),
    ...(below === undefined ? {} : { $lt: below }),
  };
}
