import { mapLimit } from '@cloudemy/async';
import type { Actor } from '@cloudemy/auth';
import type { RegradeApply } from '@cloudemy/contracts';
import { type Clock, objectId, projectionOf } from '@cloudemy/mongo';
import { ProblemError } from '@cloudemy/service';
import { gradeOf, gradeView } from '../grades/grade.js';
import type { Grades } from '../grades/grades.js';
import { StoredGrade, StoredSubmission, type SubmissionCollection } from '../submissions/model.js';
import type { RegradeItemModel, StoredRegrade, StoredRegradeItem } from './model.js';

/** Grades of one request, and how many are changed side by side. */
const maxAtOnce = 5_000;
const width = 8;
/** Submissions that an answer names; more are counted. */
const maxNamed = 20;

const placeOnly = projectionOf(
  StoredSubmission,
  StoredSubmission.pick({
    _id: true,
    status: true,
    attempt: true,
    max_score: true,
    finished_at: true,
  }).extend({
    assignment: StoredSubmission.shape.assignment.pick({ version: true }),
    grade: StoredGrade.omit({ feedback: true, criteria: true }).nullable().optional(),
  }),
);

export interface DraftParts {
  items: RegradeItemModel;
  submissions: SubmissionCollection;
  grades: Grades;
  now: Clock;
}

type Request = Pick<RegradeApply, 'submission_ids' | 'reason' | 'skip_moved'>;

/** What a change makes of one grade. */
interface Step {
  item: StoredRegradeItem;
  id: string;
  /** Of the grade that it is made from; 0 for none. */
  version: number;
}

/** Puts drafts in force and takes them back: all that is asked for, or nothing. */
export class Drafts {
  private readonly parts: DraftParts;

  constructor(parts: DraftParts) {
    this.parts = parts;
  }

  /** @throws ProblemError `conflict`, `version_mismatch`, `invalid_request`, `quota_exceeded` */
  async apply(actor: Actor, regrade: StoredRegrade, request: Request): Promise<void> {
    const chosen = await this.chosen(regrade, request, { state: 'done' });
    const steps = chosen
      .filter(({ applied_version: applied }) => (applied ?? null) === null)
      .map((item) => ({ item, id: String(item.submission_id), version: item.before?.version ?? 0 }));
    await this.all(steps, request, {
      make: ({ item, id, version }) =>
        this.parts.grades.applyDraft(actor, id, {
          attempt: item.attempt ?? 0,
          reason: request.reason,
          version,
        }),
      back: (id, version) =>
        this.parts.grades.undo(actor, id, { reason: 'Not all of a regrade could be applied.', version }),
      noted: (version) => ({ applied_version: version }),
      isMade: (grade, { item }) => grade?.source === 'applied' && grade.attempt === item.attempt,
    });
  }

  /** @throws ProblemError `conflict`, `version_mismatch`, `invalid_request`, `quota_exceeded` */
  async undo(actor: Actor, regrade: StoredRegrade, request: Request): Promise<void> {
    const chosen = await this.chosen(regrade, request, {
      applied_version: { $gt: 0 },
      before: { $ne: null },
    });
    const steps = chosen.map((item) => ({
      item,
      id: String(item.submission_id),
      version: item.applied_version ?? 0,
    }));
    const reason = { reason: request.reason };
    await this.all(steps, request, {
      make: ({ id, version }) => this.parts.grades.undo(actor, id, { ...reason, version }),
      back: (id, version) => this.parts.grades.undo(actor, id, { ...reason, version }),
      noted: (version) => ({ applied_version: null, before: version }),
      isMade: () => false,
    });
  }

  private async chosen(
    regrade: StoredRegrade,
    { submission_ids: ids }: Request,
    which: Record<string, unknown>,
  ): Promise<StoredRegradeItem[]> {
    const items = await this.parts.items
      .find({
        ...which,
        regrade_id: regrade._id,
        ...(ids === undefined ? {} : { submission_id: { $in: ids.map(objectId) } }),
      })
      .sort({ submission_id: 1 })
      .limit(maxAtOnce + 1)
      .lean<StoredRegradeItem[]>();
    if (items.length > maxAtOnce) {
      throw new ProblemError('quota_exceeded', {
        detail: `At most ${maxAtOnce} grades are changed at once: name some in submission_ids.`,
      });
    }
    const found = new Set(items.map(({ submission_id: id }) => String(id)));
    const missing = [...new Set(ids)].filter((id) => !found.has(id));
    if (missing.length > 0) {
      throw named('invalid_request', missing, () => 'there is nothing of this draft for it');
    }
    return items;
  }

  private async all(steps: readonly Step[], { skip_moved: skip }: Request, how: How): Promise<void> {
    const now = await this.read(steps);
    const made = steps.filter((step) => how.isMade(now.get(step.id) ?? null, step));
    await Promise.all(made.map((step) => this.note(step, how, now.get(step.id)?.version ?? 0)));
    const open = steps.filter((step) => !made.includes(step));
    const moved = open.filter(({ id, version }) => (now.get(id)?.version ?? 0) !== version);
    if (moved.length > 0 && !skip) throw movedAway(moved, now);
    await this.make(
      open.filter((step) => !moved.includes(step)),
      how,
    );
  }

  /** Each names the version it is made from. If one is refused all the same, those before it are taken back. */
  private async make(steps: readonly Step[], how: How): Promise<void> {
    const failures: unknown[] = [];
    const done: Step[] = [];
    await mapLimit(steps, width, async (step) => {
      if (failures.length > 0) return;
      try {
        await how.make(step);
        done.push(step);
      } catch (error) {
        failures.push(error);
      }
    });
    const after = await this.read(done);
    if (failures.length === 0) {
      await mapLimit(done, width, (step) => this.note(step, how, after.get(step.id)?.version ?? 0));
      return;
    }
    await mapLimit(done, width, async ({ id }) => how.back(id, after.get(id)?.version ?? 0));
    throw failures[0];
  }

  private async note({ item }: Step, how: How, version: number): Promise<void> {
    const { before, ...change } = how.noted(version);
    const moved = before === undefined || item.before === null ? {} : { 'before.version': before };
    await this.parts.items.updateOne({ _id: item._id }, { $set: { ...change, ...moved } });
  }

  private async read(steps: readonly Step[]) {
    const ids = steps.map(({ item }) => item.submission_id);
    const rows = await this.parts.submissions
      .find<NonNullable<(typeof placeOnly)['row']>>({ _id: { $in: ids } }, placeOnly)
      .toArray();
    return new Map(rows.map((row) => [String(row._id), gradeView(gradeOf(row))]));
  }
}

type Seen = NonNullable<ReturnType<typeof gradeView>>;

interface How {
  make: (step: Step) => Promise<void>;
  /** Takes it back that was made a moment ago. */
  back: (id: string, version: number) => Promise<void>;
  /** What the item says of it. */
  noted: (version: number) => { applied_version: number | null; before?: number };
  /** Whether an earlier request has done it, and was cut off before it could note so. */
  isMade: (grade: Seen | null, step: Step) => boolean;
}

function movedAway(moved: readonly Step[], now: ReadonlyMap<string, Seen | null>): ProblemError {
  return named(
    'version_mismatch',
    moved.map(({ id }) => id),
    (id) => {
      const grade = now.get(id) ?? null;
      return grade === null
        ? 'has no grade any more'
        : `has another grade: ${grade.score} of ${grade.max_score} since ${grade.graded_at}, by ${grade.actor}`;
    },
  );
}

function named(
  code: 'invalid_request' | 'version_mismatch',
  ids: readonly string[],
  why: (id: string) => string,
): ProblemError {
  const shown = ids.slice(0, maxNamed);
  return new ProblemError(code, {
    detail: `Nothing was changed: ${ids.length} of the submissions stand against it, see errors. Leave them out of submission_ids${code === 'version_mismatch' ? ', or set skip_moved' : ''}.`,
    errors: shown.map((id) => ({ in: 'body', path: 'submission_ids', reason: `${id} ${why(id)}` })),
    errorsOmitted: ids.length - shown.length,
  });
}
