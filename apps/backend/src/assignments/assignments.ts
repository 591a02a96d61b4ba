import {
  type Assignment,
  type AssignmentCreate,
  type AssignmentUpdate,
  type Language,
  maxScore,
} from '@cloudemy/contracts';
import { ProblemError, notFound } from '@cloudemy/service';
import { GatheredReads, cutPage, decodeCursor, newId, objectId } from '@cloudemy/mongo';
import type { AssignmentModel, StoredAssignment } from './model.js';

export interface AssignmentListQuery {
  limit: number;
  cursor?: string | undefined;
  owner_id?: string | undefined;
  language?: Language | undefined;
  archived?: 'true' | 'false' | undefined;
}

/** What people submit to, with the rubric it is graded by. */
export class Assignments {
  private readonly model: AssignmentModel;
  private readonly reads: GatheredReads<StoredAssignment>;

  private readonly maxCodeBytes: number;

  /** @param maxCodeBytes what the service takes, whatever an assignment says */
  constructor(model: AssignmentModel, maxCodeBytes = Number.POSITIVE_INFINITY) {
    this.maxCodeBytes = maxCodeBytes;
    this.model = model;
    this.reads = new GatheredReads((filter) => model.collection.find<StoredAssignment>(filter).toArray());
  }

  /** @throws ProblemError `invalid_request` */
  async create(ownerId: string, input: AssignmentCreate): Promise<Assignment> {
    this.assertLimits(input.limits);
    const { id, createdAt } = newId();
    const assignment: StoredAssignment = {
      _id: id,
      owner_id: objectId(ownerId),
      ...input,
      max_score: maxScore(input.rubric),
      version: 1,
      archived: false,
      archived_at: null,
      created_at: createdAt,
      updated_at: createdAt,
    };
    await this.model.create(assignment);
    return view(assignment);
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
    return view(await this.mustFind(assignmentId));
  }

  async list({ limit, cursor, ...filters }: AssignmentListQuery) {
    const after = decodeCursor('assignments', filters, cursor);
    const { owner_id: owner, language, archived } = filters;
    const rows = await this.model
      .find({
        ...(owner === undefined ? {} : { owner_id: objectId(owner) }),
        ...(language === undefined ? {} : { language }),
        ...(archived === undefined ? {} : { archived: archived === 'true' }),
        ...(after === undefined ? {} : { _id: { $lt: after } }),
      })
      .sort({ _id: -1 })
      .limit(limit + 1)
      .lean<StoredAssignment[]>();
    return cutPage(rows, limit, 'assignments', filters, view);
  }

  /** @throws ProblemError `not_found`, `assignment_archived`, `version_mismatch` */
  async update(assignmentId: string, { version, ...changes }: AssignmentUpdate): Promise<Assignment> {
    this.assertLimits(changes.limits);
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
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
    if (updated !== null) return view(updated);
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
    return view(archived ?? (await this.mustFind(assignmentId)));
  }

  private async mustFind(assignmentId: string): Promise<StoredAssignment> {
    const assignment = await this.find(assignmentId);
    if (assignment === null) throw notFound('assignment', assignmentId);
    return assignment;
  }
}

function view(assignment: StoredAssignment): Assignment {
  return {
    assignment_id: String(assignment._id),
    owner_id: String(assignment.owner_id),
    title: assignment.title,
    description: assignment.description,
    language: assignment.language,
    rubric: assignment.rubric,
    limits: assignment.limits,
    max_score: assignment.max_score,
    version: assignment.version,
    archived_at: assignment.archived_at?.toISOString() ?? null,
    created_at: assignment.created_at.toISOString(),
    updated_at: assignment.updated_at.toISOString(),
  };
}
