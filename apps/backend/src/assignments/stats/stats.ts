import { type AssignmentStats, type SubmissionStatus, finalStatuses } from '@cloudemy/contracts';
import { type Projected, firstIdAt, objectId, projectionOf } from '@cloudemy/mongo';
import { notFound } from '@cloudemy/service';
import type { Types } from 'mongoose';
import { StoredGrade, StoredSubmission, type SubmissionCollection } from '../../submissions/model.js';
import type { Assignments } from '../assignments.js';
import type { StatsModel, StoredStats, Tally } from './model.js';
import { summaryOf, totalOf } from './summary.js';

const dayMs = 86_400_000;
/** Milliseconds for which what was counted is not counted again, however many ask. */
const freshMs = 2_000;
/** Milliseconds by which clocks of replicas may differ, and a write may be late. */
const slackMs = 60_000;

/**
 * Figures of an assignment. What has not ended is counted when asked; what has, day by day, and a day only again when
 * something of it has ended or been taken up again since: asking costs what has happened of late, not what ever has.
 * Counting twice gives the same, so replicas need not agree who does it and a crash leaves nothing wrong.
 */
export class Stats {
  private readonly model: StatsModel;
  private readonly submissions: SubmissionCollection;
  private readonly assignments: Pick<Assignments, 'find'>;

  constructor(model: StatsModel, submissions: SubmissionCollection, assignments: Pick<Assignments, 'find'>) {
    this.model = model;
    this.submissions = submissions;
    this.assignments = assignments;
  }

  /** @throws ProblemError `not_found` */
  async of(assignmentId: string): Promise<AssignmentStats> {
    const id = objectId(assignmentId);
    if ((await this.assignments.find(assignmentId)) === null) throw notFound('assignment', assignmentId);
    const [known, open] = await Promise.all([this.lastTotal(id), this.open(id)]);
    const { as_of: asOf, total } = known ?? (await this.counted(id, open));
    return {
      assignment_id: assignmentId,
      ...summaryOf([...total, ...open.map(one)]),
      as_of: asOf.toISOString(),
    };
  }

  /** What was counted a moment ago. Without the days: those who ask are many, and so are the days. */
  private async lastTotal(id: Types.ObjectId): Promise<Counted | undefined> {
    const known = await this.model
      .findById(id, { as_of: 1, total: 1 })
      .lean<Pick<StoredStats, 'as_of' | 'total'>>();
    if (known?.total === undefined || !isFresh(known)) return undefined;
    return { as_of: known.as_of, total: known.total };
  }

  /** What has not ended; bounded by what the queue and the cluster hold. */
  private open(assignmentId: Types.ObjectId): Promise<Open[]> {
    return this.submissions
      .find<Open>({ assignment_id: assignmentId, finished_at: null }, openOnly)
      .toArray();
  }

  private async counted(id: Types.ObjectId, open: readonly Open[]): Promise<Counted> {
    const now = new Date();
    const known = await this.model.findById(id).lean<StoredStats>();
    const last = await this.countedOnce(known ?? (await this.begin(id, now)));
    if (isFresh(last)) return { as_of: last.as_of, total: totalOf(last.days) };
    const ended = await this.endedSince(id, last.as_of);
    // Whoever asked for another attempt took a final submission up again.
    const takenUp = open.filter(({ requested_attempt: attempt }) => attempt > 1);
    const days = [...new Set([...ended, ...takenUp].map(({ _id }) => dayOf(_id)))];
    const entries = await Promise.all(days.map(async (day) => [day, await this.count(id, day)] as const));
    const total = totalOf({ ...last.days, ...Object.fromEntries(entries) });
    const changes = Object.fromEntries(entries.map(([day, tallies]) => [`days.${day}`, tallies]));
    // Unless another replica has counted meanwhile: our total would lack what it found.
    const unchanged = { _id: id, as_of: last.as_of };
    await this.model.collection.updateOne(unchanged, { $set: { as_of: now, total, ...changes } });
    return { as_of: now, total };
  }

  private async begin(id: Types.ObjectId, now: Date): Promise<StoredStats> {
    const begun = { as_of: now, next_day: 0, days: {} };
    await this.model.collection.updateOne({ _id: id }, { $setOnInsert: begun }, { upsert: true });
    return { _id: id, ...begun };
  }

  /** The first count of all, day by day. Each is kept: one that a slow database cut short continues where it ended. */
  private async countedOnce(begun: StoredStats): Promise<StoredStats> {
    if (begun.next_day === null) return begun;
    const { _id: id, days } = begun;
    const goesOn = { _id: id, next_day: { $ne: null } };
    let next = await this.firstDay(id, begun.next_day);
    while (next !== undefined) {
      days[next] = await this.count(id, next);
      const kept = { [`days.${next}`]: days[next], next_day: next + 1 };
      await this.model.collection.updateOne(goesOn, { $set: kept });
      next = await this.firstDay(id, next + 1);
    }
    await this.model.collection.updateOne(goesOn, { $set: { next_day: null } });
    return { ...begun, next_day: null };
  }

  /** The first day from this one on that something was submitted on. */
  private async firstDay(assignmentId: Types.ObjectId, day: number): Promise<number | undefined> {
    const from = firstIdAt(new Date(day * dayMs));
    const first = await this.submissions.findOne(
      { assignment_id: assignmentId, _id: { $gte: from } },
      { projection: { _id: 1 }, sort: { _id: 1 } },
    );
    return first === null ? undefined : dayOf(first._id);
  }

  /** What has ended since, or has another grade. */
  private async endedSince(assignmentId: Types.ObjectId, since: Date) {
    const from = { $gte: new Date(since.getTime() - slackMs) };
    const idOnly = { projection: { _id: 1 } };
    const [ended, changed] = await Promise.all([
      this.submissions.find({ assignment_id: assignmentId, finished_at: from }, idOnly).toArray(),
      this.submissions.find({ assignment_id: assignmentId, 'grade.graded_at': from }, idOnly).toArray(),
    ]);
    return [...ended, ...changed];
  }

  /** What was submitted on this day and is final. */
  private async count(assignmentId: Types.ObjectId, day: number): Promise<Tally[]> {
    const cursor = this.submissions.aggregate<{ _id: Group; count: number }>([
      {
        $match: {
          assignment_id: assignmentId,
          _id: { $gte: firstIdAt(new Date(day * dayMs)), $lt: firstIdAt(new Date((day + 1) * dayMs)) },
          status: { $in: finalStatuses },
        },
      },
      {
        $group: {
          _id: {
            status: '$status',
            score: '$grade.score',
            max_score: '$grade.max_score',
            // Where an earlier version kept the grade.
            former_score: '$score',
            former_max: '$max_score',
          },
          count: { $sum: 1 },
        },
      },
    ]);
    const groups = await cursor.toArray();
    return groups.map(({ _id, count }) => ({ ...tallyOf(_id), count }));
  }
}

/** The final submissions of all days, as of then. */
type Counted = Required<Pick<StoredStats, 'as_of' | 'total'>>;

const isFresh = ({ as_of: asOf }: Pick<StoredStats, 'as_of'>): boolean =>
  Date.now() - asOf.getTime() < freshMs;

/** A submission that has not ended, with the grade in force while another attempt is under way. */
const openOnly = projectionOf(
  StoredSubmission,
  StoredSubmission.pick({ _id: true, status: true, requested_attempt: true }).extend({
    grade: StoredGrade.pick({ score: true, max_score: true }).nullable().optional(),
  }),
);
type Open = Projected<typeof openOnly>;

/** Those that ended alike. */
interface Group {
  status: SubmissionStatus;
  score?: number | null;
  max_score?: number | null;
  former_score?: number | null;
  former_max: number;
}

function tallyOf({ status, score, max_score, former_score, former_max }: Group): Omit<Tally, 'count'> {
  const former = status === 'graded' ? (former_score ?? null) : null;
  return { status, score: score ?? former, max_score: max_score ?? former_max };
}

const dayOf = (id: Types.ObjectId): number => Math.floor(id.getTimestamp().getTime() / dayMs);

const one = ({ status, grade }: Open): Tally => ({
  status,
  score: grade?.score ?? null,
  max_score: grade?.max_score ?? 0,
  count: 1,
});
