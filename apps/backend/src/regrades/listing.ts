import { Failure } from '@cloudemy/contracts';
import { type Projected, firstIdAt, newId, projectionOf } from '@cloudemy/mongo';
import { Snapshot, StoredSubmission, type SubmissionCollection } from '../submissions/model.js';
import type { RegradeItemModel, RegradeModel, StoredRegrade, StoredRegradeItem } from './model.js';

const batchSize = 500;

const rowOnly = projectionOf(
  StoredSubmission,
  StoredSubmission.pick({ _id: true, status: true, requested_attempt: true, erased_at: true }).extend({
    failure: Failure.pick({ code: true }).nullable(),
    assignment: Snapshot.pick({ version: true }),
  }),
);
type Row = Projected<typeof rowOnly>;

/** Lists the submissions that a regrade is about, batch by batch. */
export class RegradeListing {
  private readonly regrades: RegradeModel;
  private readonly items: RegradeItemModel;
  private readonly submissions: SubmissionCollection;

  constructor(regrades: RegradeModel, items: RegradeItemModel, submissions: SubmissionCollection) {
    this.regrades = regrades;
    this.items = items;
    this.submissions = submissions;
  }

  /**
   * Lists the next batch. Listing one again adds nothing.
   *
   * @returns the regrade as it is now, `running` after the last batch; null when it was cancelled meanwhile
   */
  async next(regrade: StoredRegrade): Promise<StoredRegrade | null> {
    const { _id, assignment_id: assignment, listed_to: from, created_at: asked } = regrade;
    // What is submitted later is graded by the new version anyway. Ids are in order from second to second.
    const end = firstIdAt(new Date(asked.getTime() + 1_000));
    const only = regrade.submission_ids ?? null;
    const range = {
      $lt: end,
      ...(from === null ? {} : { $gt: from }),
      ...(only === null ? {} : { $in: only }),
    };
    const batch = await this.submissions
      .find<Row>(
        { assignment_id: assignment, _id: range },
        { ...rowOnly, sort: { _id: 1 }, limit: batchSize },
      )
      .toArray();
    await this.add(batch.filter((row) => isWanted(row, regrade)).map((row) => itemOf(row, regrade)));
    const more = batch.length === batchSize;
    const progress = { listed_to: batch.at(-1)?._id ?? from, state: more ? 'preparing' : 'running' } as const;
    return this.regrades
      .findOneAndUpdate({ _id, state: 'preparing' }, { $set: progress }, { returnDocument: 'after' })
      .lean<StoredRegrade>();
  }

  private async add(items: readonly StoredRegradeItem[]): Promise<void> {
    if (items.length === 0) return;
    await this.items.bulkWrite(
      items.map(({ regrade_id, submission_id, ...rest }) => ({
        updateOne: {
          filter: { regrade_id, submission_id },
          update: { $setOnInsert: rest },
          upsert: true,
        },
      })),
      { ordered: false },
    );
  }
}

/** Not what is erased. Besides those that ended as asked for, those that are just being graded by an older version. */
function isWanted(
  { status, assignment, failure, erased_at: erased }: Row,
  { statuses, failure_codes: codes = null, assignment_version: version }: StoredRegrade,
): boolean {
  if (erased !== undefined) return false;
  if (codes !== null) return status === 'failed' && failure !== null && codes.includes(failure.code);
  if (status === 'graded' || status === 'failed' || status === 'cancelled') return statuses.includes(status);
  return assignment.version < version;
}

function itemOf({ _id, requested_attempt }: Row, regrade: StoredRegrade): StoredRegradeItem {
  return {
    _id: newId().id,
    regrade_id: regrade._id,
    submission_id: _id,
    requested_attempt,
    state: 'queued',
    attempt: null,
    old: null,
    new: null,
    before: null,
    change: null,
    magnitude: 0,
    applied_version: null,
  };
}
