import type {
  Regrade,
  RegradeApply,
  RegradeItemState,
  RegradeRequest,
  RegradeResult,
  RegradeResultQuery,
  RegradeUndo,
} from '@cloudemy/contracts';
import { type Clock, cutPage, decodeCursor, newId, objectId, ownClock } from '@cloudemy/mongo';
import { ProblemError, notFound } from '@cloudemy/service';
import type { Assignments } from '../assignments/assignments.js';
import type { Actor } from '@cloudemy/auth';
import type { Drafts } from './drafts.js';
import type { Visible } from '../auth/scope.js';
import { actorName } from '../auth/actor-name.js';
import type {
  ItemCounts,
  RegradeItemModel,
  RegradeModel,
  StoredRegrade,
  StoredRegradeItem,
} from './model.js';

interface PageQuery {
  limit: number;
  cursor?: string | undefined;
}

/** Asking for regrades, reading their progress, cancelling and resuming them; the work is the worker's. */
export class Regrades {
  private readonly regrades: RegradeModel;
  private readonly items: RegradeItemModel;
  private readonly assignments: Assignments;
  private readonly drafts: Drafts;

  private readonly now: Clock;

  constructor(
    regrades: RegradeModel,
    items: RegradeItemModel,
    assignments: Assignments,
    drafts: Drafts,
    now: Clock = ownClock,
  ) {
    this.now = now;
    this.drafts = drafts;
    this.regrades = regrades;
    this.items = items;
    this.assignments = assignments;
  }

  /** @throws ProblemError `not_found` */
  async create(actor: Actor, assignmentId: string, request: RegradeRequest, requestId: string) {
    const { statuses, failure_codes: codes, submission_ids: ids } = request;
    const { version } = await this.assignments.get(assignmentId);
    const { id, createdAt } = newId(this.now());
    const regrade: StoredRegrade = {
      _id: id,
      assignment_id: objectId(assignmentId),
      assignment_version: version,
      requested_by: actorName(actor),
      request_id: requestId,
      statuses: codes === undefined ? [...new Set(statuses)] : ['failed'],
      failure_codes: codes === undefined ? null : [...new Set(codes)],
      state: 'preparing',
      submission_ids: ids === undefined ? null : ids.map(objectId),
      draft: request.draft,
      listed_to: null,
      open: true,
      leased_until: new Date(0),
      created_at: createdAt,
      finished_at: null,
    };
    await this.regrades.create(regrade);
    return this.view(regrade);
  }

  /** @throws ProblemError `not_found` */
  async get(regradeId: string): Promise<Regrade> {
    return this.view(await this.mustFind(regradeId));
  }

  /** @param visible what the list is narrowed to besides */
  async list(
    { limit, cursor, ...filters }: PageQuery & { assignment_id?: string | undefined },
    visible?: Visible,
  ) {
    const after = decodeCursor('regrades', filters, cursor);
    const { assignment_id: assignment } = filters;
    const rows = await this.regrades
      .find({
        ...(assignment === undefined ? {} : { assignment_id: objectId(assignment) }),
        ...(after === undefined ? {} : { _id: { $lt: after } }),
        ...(visible === undefined ? {} : { $and: [visible] }),
      })
      .sort({ _id: -1 })
      .limit(limit + 1)
      .lean<StoredRegrade[]>();
    const { items, next_cursor } = cutPage(rows, limit, 'regrades', filters, (row) => row);
    return { items: await Promise.all(items.map((row) => this.view(row))), next_cursor };
  }

  /**
   * Submissions in the order they were made.
   *
   * @throws ProblemError `not_found`
   */
  async results(
    regradeId: string,
    { limit, cursor, state, sort }: PageQuery & Pick<RegradeResultQuery, 'state' | 'sort'>,
  ) {
    const filters = { regradeId, state, sort };
    const after = decodeCursor('regrade-results', filters, cursor);
    const regrade = await this.mustFind(regradeId);
    const rows = await this.items
      .find({
        regrade_id: regrade._id,
        ...(state === undefined ? {} : { state }),
        ...(await this.behind(regrade._id, sort, after)),
      })
      .sort(sort === 'change' ? { magnitude: -1, submission_id: 1 } : { submission_id: 1 })
      .limit(limit + 1)
      .lean<StoredRegradeItem[]>();
    const bySubmission = rows.map((row) => ({ ...row, _id: row.submission_id }));
    return cutPage(bySubmission, limit, 'regrade-results', filters, resultView);
  }

  /** What follows the last of the page before. */
  private async behind(
    regradeId: StoredRegrade['_id'],
    sort: RegradeResultQuery['sort'],
    after: StoredRegrade['_id'] | undefined,
  ) {
    if (after === undefined) return {};
    const later = { submission_id: { $gt: after } };
    if (sort === 'submission') return later;
    const last = await this.items
      .findOne({ regrade_id: regradeId, submission_id: after })
      .lean<StoredRegradeItem>();
    const { magnitude = 0 } = last ?? {};
    return { $or: [{ magnitude: { $lt: magnitude } }, { magnitude, ...later }] };
  }

  /**
   * Puts a draft in force.
   *
   * @throws ProblemError `not_found`, `conflict`, `version_mismatch`, `invalid_request`
   */
  async apply(actor: Actor, regradeId: string, request: RegradeApply): Promise<Regrade> {
    const regrade = await this.mustBeDraft(regradeId);
    if ((regrade.discarded_at ?? null) !== null) throw conflict('The draft was discarded.');
    await this.drafts.apply(actor, regrade, request);
    return this.view(regrade);
  }

  /**
   * Takes back what was applied of a draft.
   *
   * @throws ProblemError `not_found`, `conflict`, `version_mismatch`, `invalid_request`
   */
  async undo(actor: Actor, regradeId: string, request: RegradeUndo): Promise<Regrade> {
    const regrade = await this.mustBeDraft(regradeId);
    await this.drafts.undo(actor, regrade, request);
    return this.view(regrade);
  }

  /**
   * Discards a draft, now or before; what was applied of it stays.
   *
   * @throws ProblemError `not_found`, `conflict`
   */
  async discard(regradeId: string): Promise<Regrade> {
    const { _id } = await this.mustBeDraft(regradeId);
    const going: StoredRegrade['state'][] = ['preparing', 'running', 'paused'];
    const underWay = { _id, state: { $in: going } };
    await this.regrades.updateOne(underWay, { $set: { state: 'cancelled' } });
    await this.regrades.updateOne({ _id, discarded_at: null }, { $set: { discarded_at: this.now() } });
    return this.get(regradeId);
  }

  private async mustBeDraft(regradeId: string): Promise<StoredRegrade> {
    const regrade = await this.mustFind(regradeId);
    if (regrade.draft !== true) throw conflict('The regrade is no draft: its grades are in force already.');
    return regrade;
  }

  /**
   * Cancels, now or before. What has not begun keeps its grade, what has begun ends by itself.
   *
   * @throws ProblemError `not_found`, `conflict` when it is done
   */
  async cancel(regradeId: string): Promise<Regrade> {
    return this.change(regradeId, ['preparing', 'running', 'paused'], { state: 'cancelled' });
  }

  /**
   * Has a cancelled regrade go on, now or before: what was listed goes back to its place, what was not is listed.
   *
   * @throws ProblemError `not_found`, `conflict` when it is done
   */
  async resume(regradeId: string): Promise<Regrade> {
    const { state, discarded_at: discarded = null } = await this.mustFind(regradeId);
    if (discarded !== null) throw conflict('The draft was discarded.');
    if (state === 'paused') {
      const resumed = { state: 'running', paused_for: null, resumed_at: this.now() } as const;
      return this.change(regradeId, ['paused'], resumed);
    }
    return this.change(regradeId, ['cancelled'], { state: 'preparing', open: true, finished_at: null });
  }

  private async change(
    regradeId: string,
    from: readonly StoredRegrade['state'][],
    change: Partial<StoredRegrade>,
  ): Promise<Regrade> {
    const changed = await this.regrades
      .findOneAndUpdate(
        { _id: objectId(regradeId), state: { $in: from } },
        { $set: change },
        { returnDocument: 'after' },
      )
      .lean<StoredRegrade>();
    const regrade = changed ?? (await this.mustFind(regradeId));
    if (regrade.state === 'done')
      throw new ProblemError('conflict', { detail: 'The regrade is done already.' });
    return this.view(regrade);
  }

  private async mustFind(regradeId: string): Promise<StoredRegrade> {
    const found = await this.regrades.findById(objectId(regradeId)).lean<StoredRegrade>();
    if (found === null) throw notFound('regrade', regradeId);
    return found;
  }

  private async view(regrade: StoredRegrade): Promise<Regrade> {
    const counted = await countItems(this.items, regrade);
    const { queued = 0, running = 0, done = 0, failed = 0, cancelled = 0, skipped = 0 } = counted;
    return {
      regrade_id: String(regrade._id),
      assignment_id: String(regrade.assignment_id),
      requested_by: regrade.requested_by,
      statuses: regrade.statuses,
      failure_codes: regrade.failure_codes ?? null,
      state: regrade.state,
      paused_for: regrade.paused_for ?? null,
      draft: regrade.draft ?? false,
      applied: await this.items.countDocuments({ regrade_id: regrade._id, applied_version: { $gt: 0 } }),
      discarded_at: regrade.discarded_at?.toISOString() ?? null,
      total: queued + running + done + failed + cancelled + skipped,
      queued,
      running,
      done,
      failed,
      cancelled,
      skipped,
      created_at: regrade.created_at.toISOString(),
      finished_at: regrade.finished_at?.toISOString() ?? null,
    };
  }
}

/** How many submissions of a regrade are in which state. */
export async function countItems(
  items: RegradeItemModel,
  { _id }: Pick<StoredRegrade, '_id'>,
): Promise<ItemCounts> {
  const rows = await items.aggregate<{ _id: RegradeItemState; count: number }>([
    { $match: { regrade_id: _id } },
    { $group: { _id: '$state', count: { $sum: 1 } } },
  ]);
  return Object.fromEntries(rows.map(({ _id: state, count }) => [state, count]));
}

const conflict = (detail: string): ProblemError => new ProblemError('conflict', { detail });

function resultView({
  submission_id: id,
  state,
  old,
  new: fresh,
  ...rest
}: StoredRegradeItem): RegradeResult {
  const { before = null, change = null, applied_version: applied = null } = rest;
  return { submission_id: String(id), state, old, new: fresh, before, change, applied: applied !== null };
}
