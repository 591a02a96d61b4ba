import type { ActiveAttempt } from '@cloudemy/contracts';
import { type Projected, decodeCursor, encodeCursor, projectionOf } from '@cloudemy/mongo';
import { StoredSubmission, type SubmissionCollection } from '../submissions/model.js';

export interface ActiveQuery {
  limit: number;
  cursor?: string | undefined;
}

const rowOnly = projectionOf(
  StoredSubmission,
  StoredSubmission.pick({ _id: true, attempt: true, status_since: true }),
);
type Row = Projected<typeof rowOnly>;

/** In the order that attempts go through: one that moves on while the pages are read comes up again, later. */
const walk = ['scheduled', 'running'] as const;

/**
 * A page of the attempts that a Job is wanted or at work for. Two walks along the index of the states, one
 * after the other; the cursor says which of them and how far.
 *
 * @throws ProblemError `invalid_request` for a cursor of something else
 */
export async function listActive(
  model: SubmissionCollection,
  { limit, cursor }: ActiveQuery,
): Promise<{ items: ActiveAttempt[]; next_cursor: string | null }> {
  const [status, encoded] = split(cursor);
  const filters = { status };
  const after = decodeCursor(list, filters, encoded);
  const rows = await model
    .find<Row>(
      { status, ...(after === undefined ? {} : { _id: { $gt: after } }) },
      { ...rowOnly, sort: { _id: 1 }, limit },
    )
    .toArray();
  const last = rows.at(-1);
  const more = rows.length === limit && last !== undefined;
  const following = walk[walk.indexOf(status) + 1];
  return {
    items: rows.map(({ _id, attempt, status_since: since }) => ({
      submission_id: String(_id),
      attempt,
      status,
      since: since.toISOString(),
    })),
    next_cursor: more
      ? `${status}.${encodeCursor(list, filters, last._id)}`
      : following
        ? `${following}.`
        : null,
  };
}

const list = 'active';

/** `{state}.{cursor in it}`; nothing after the dot at the beginning of a walk. */
function split(cursor: string | undefined): [(typeof walk)[number], string | undefined] {
  const [state, encoded = ''] = cursor?.split('.') ?? [];
  const status = walk.find((known) => known === state);
  if (cursor === undefined) return [walk[0], undefined];
  return [status ?? walk[0], encoded === '' && status !== undefined ? undefined : encoded];
}
