import {
  type Assignment,
  type AssignmentCreate,
  type AssignmentUpdate,
  type Language,
  faultIn,
  maxScore,
} from '@cloudemy/contracts';
import { ProblemError, notFound } from '@cloudemy/service';
import { type Clock, GatheredReads, cutPage, decodeCursor, newId, objectId, ownClock } from '@cloudemy/mongo';
import { refused } from '../files/refused.js';
import { datesOf, scheduleOf, shownSchedule } from './schedule.js';
import type { AssignmentModel, StoredAssignment } from './model.js';

export interface AssignmentListQuery {
  limit: number;
  cursor?: string | undefined;
  owner_id?: string | undefined;
  language?: Language | undefined;
  archived?: 'true' | 'false' | undefined;
  course_id?: string | undefined;
}

/** What people submit to, with the rubric it is graded by. */
export class Assignments {
  private readonly model: AssignmentModel;
  private readonly reads: GatheredReads<StoredAssignment>;

  private readonly maxCodeBytes: number;
  private readonly now: Clock;

  /** @param maxCodeBytes what the service takes, whatever an assignment says */
  constructor(model: AssignmentModel, maxCodeBytes = Number.POSITIVE_INFINITY, now: Clock = ownClock) {
    this.now = now;
    this.maxCodeBytes = maxCodeBytes;
    this.model = model;
    this.reads = new GatheredReads((filter) => model.collection.find<StoredAssignment>(filter).toArray());
  }

  /** @throws ProblemError `invalid_request` */
  async create(ownerId: string, input: AssignmentCreate): Promise<Assignment> {
    this.assertLimits(input.limits);
    const { id, createdAt } = newId();
    const { course_id: course } = input;
    const assignment: StoredAssignment = {
      _id: id,
      owner_id: objectId(ownerId),
      ...input,
      ...datesOf(input),
      course_id: course === null ? null : objectId(course),
      max_score: maxScore(input.rubric),
      version: 1,
      archived: false,
      archived_at: null,
      created_at: createdAt,
      updated_at: createdAt,
    };
    await this.model.create(assignment);
    return assignmentView(assignment);
  }

  /** A limit that does not hold must not be told to anybody. */
  private assertLimits(limits: AssignmentUpdate['limits']): void {
    const bytes = limits?.max_code_bytes ?? 0;
    if (bytes <= this.maxCodeBytes) return;
    const reason = `must be at most ${this.maxCodeBytes}, which is what this service takes; null means as much`;
    throw new ProblemError('invalid_request', {
      detail: `body limits.max_code_bytes ${reason}.`,
      errors: [{ in: 'body', path: 'limits.max_code_bytes', reason }],
    });
  }

  async find(assignmentId: string): Promise<StoredAssignment | null> {
    return this.reads.find(objectId(assignmentId));
  }

  /** @throws ProblemError `not_found` */
  async get(assignmentId: string): Promise<Assignment> {
    return assignmentView(await this.mustFind(assignmentId));
  }

  /** @param visible what the list is narrowed to besides */
  async list({ limit, cursor, ...filters }: AssignmentListQuery, visible: object = {}) {
    const after = decodeCursor('assignments', filters, cursor);
    const { owner_id: owner, language, archived, course_id: course } = filters;
    const rows = await this.model
      .find({
        ...(Object.keys(visible).length === 0 ? {} : { $and: [visible] }),
        ...(course === undefined ? {} : { course_id: objectId(course) }),
        ...(owner === undefined ? {} : { owner_id: objectId(owner) }),
        ...(language === undefined ? {} : { language }),
        ...(archived === undefined ? {} : { archived: archived === 'true' }),
        ...(after === undefined ? {} : { _id: { $lt: after } }),
      })
      .sort({ _id: -1 })
      .limit(limit + 1)
      .lean<StoredAssignment[]>();
    return cutPage(rows, limit, 'assignments', filters, assignmentView);
  }

  /** @throws ProblemError `not_found`, `assignment_archived`, `version_mismatch` */
  async update(assignmentId: string, { version, ...changes }: AssignmentUpdate): Promise<Assignment> {
    this.assertLimits(changes.limits);
    const given = Object.fromEntries(
      Object.entries({ ...changes, ...scheduleOf(changes) }).filter(([, value]) => value !== undefined),
    );
    await this.assertOrder(assignmentId, changes);
    const updated = await this.model
      .findOneAndUpdate(
        { _id: objectId(assignmentId), archived: false, ...(version === undefined ? {} : { version }) },
        {
          $set: {
            ...given,
            ...(changes.rubric === undefined ? {} : { max_score: maxScore(changes.rubric) }),
            updated_at: new Date(),
          },
          $inc: { version: 1 },
        },
        { returnDocument: 'after' },
      )
      .lean<StoredAssignment>();
    if (updated !== null) return assignmentView(updated);
    const current = await this.mustFind(assignmentId);
    if (current.archived) {
      throw new ProblemError('assignment_archived', {
        detail: 'This assignment is archived and cannot be changed any more.',
      });
    }
    throw new ProblemError('version_mismatch', {
      detail: `The assignment is at version ${current.version}, not ${version}. Read it again and repeat the change.`,
    });
  }

  /** What is not changed must fit what is. */
  private async assertOrder(assignmentId: string, changes: AssignmentUpdate): Promise<void> {
    const { release_at, due_at, late_until } = changes;
    if (release_at === undefined && due_at === undefined && late_until === undefined) return;
    const before = shownSchedule(await this.mustFind(assignmentId));
    const given = Object.entries({ release_at, due_at, late_until }).filter(([, one]) => one !== undefined);
    const fault = faultIn({ ...before, ...Object.fromEntries(given) });
    if (fault !== undefined) throw refused(fault.path, fault.reason);
  }

  /**
   * Shows students all grades of an assignment, or takes that back; now or before.
   *
   * @throws ProblemError `not_found`
   */
  async showGrades(assignmentId: string, shown: boolean): Promise<Assignment> {
    const now = this.now();
    const to = shown ? now : null;
    const changed = await this.model
      .findOneAndUpdate(
        { _id: objectId(assignmentId), grades_released_at: shown ? null : { $ne: null } },
        { $set: { grades_released_at: to, updated_at: now } },
        { returnDocument: 'after' },
      )
      .lean<StoredAssignment>();
    return assignmentView(changed ?? (await this.mustFind(assignmentId)));
  }

  /**
   * Archives an assignment, now or before.
   *
   * @throws ProblemError `not_found`
   */
  async archive(assignmentId: string): Promise<Assignment> {
    const now = new Date();
    const archived = await this.model
      .findOneAndUpdate(
        { _id: objectId(assignmentId), archived: false },
        { $set: { archived: true, archived_at: now, updated_at: now } },
        { returnDocument: 'after' },
      )
      .lean<StoredAssignment>();
    return assignmentView(archived ?? (await this.mustFind(assignmentId)));
  }

  private async mustFind(assignmentId: string): Promise<StoredAssignment> {
    const assignment = await this.find(assignmentId);
    if (assignment === null) throw notFound('assignment', assignmentId);
    return assignment;
  }
}

export function assignmentView(assignment: StoredAssignment): Assignment {
  return {
    assignment_id: String(assignment._id),
    owner_id: String(assignment.owner_id),
    title: assignment.title,
    description: assignment.description,
    language: assignment.language,
    rubric: assignment.rubric,
    limits: assignment.limits,
    ...shownSchedule(assignment),
    max_score: assignment.max_score,
    version: assignment.version,
    archived_at: assignment.archived_at?.toISOString() ?? null,
    created_at: assignment.created_at.toISOString(),
    updated_at: assignment.updated_at.toISOString(),
  };
}
