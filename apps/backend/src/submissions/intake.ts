import type { CourseRole, SubmissionCreate } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import type { Actor } from '@cloudemy/auth';
import { actorName } from '../auth/actor-name.js';
import type { StoredAssignment } from '../assignments/model.js';
import type { Assignments } from '../assignments/assignments.js';
import { GatheredInserts, isDuplicateKey, newId, objectId } from '@cloudemy/mongo';
import { assertInTime, isThereFor } from '../courses/admission.js';
import type { Membership } from '../courses/membership.js';
import type { Users } from '../users/users.js';
import type { IdempotencyKeys, Reservation } from './idempotency.js';
import type { Snapshot, StoredSubmission, SubmissionCollection } from './model.js';
import { nothingYet } from './changes.js';
import type { Lifetime } from './lifetime.js';
import { type KeptFileCollection, keptFileId } from '../files/model.js';
import type { FileLimits } from '../files/raw-file.js';
import { type Work, workOf } from '../files/work.js';
import type { WaitingLimits } from './waiting-limits.js';

/** What is carried through queue, Job and callback for the logs and traces. */
export interface Origin {
  requestId: string;
  traceparent: string | null;
}

export interface IntakeParts {
  submissions: SubmissionCollection;
  assignments: Assignments;
  users: Users;
  keys: IdempotencyKeys;
  membership: Membership;
  lifetime: Lifetime;
  /** How many may wait. */
  waiting: Pick<WaitingLimits, 'admit'>;
  /** UTF-8 bytes, whatever the assignment says. */
  maxCodeBytes: number;
  /** Bytes of all files of a submission together. */
  maxFilesBytes: number;
  keptFiles: KeptFileCollection;
  /** Told of each stored submission: it waits in the outbox. Must not throw. */
  onStored: (submission: StoredSubmission) => void;
}

export interface Accepted {
  submission: StoredSubmission;
  /** Whether an earlier request had created it. */
  replayed: boolean;
}

/** Takes submissions in: what is answered is stored, and what is stored will be put on the queue. */
export class Intake {
  private readonly parts: IntakeParts;
  private readonly inserts: GatheredInserts<StoredSubmission>;

  constructor(parts: IntakeParts) {
    this.parts = parts;
    this.inserts = new GatheredInserts(parts.submissions);
  }

  /**
   * @throws ProblemError `invalid_request`, `too_large`, `assignment_archived`, `deadline_passed`, `idempotency_key_reused`, `rate_limited`
   */
  async submit(actor: Actor, body: SubmissionCreate, origin: Origin, key?: string): Promise<Accepted> {
    const { keys } = this.parts;
    const earlier = key === undefined ? undefined : await keys.find(actor.userId, key, body);
    if (earlier !== undefined) {
      const submission = await this.find(earlier);
      if (submission !== null) return { submission, replayed: true };
    }
    const assignment = await this.check(actor, body);
    const work = await workOf(body, assignment.language, this.limitsOf(assignment));
    return this.parts.waiting.admit(actor, assignment._id, async () => {
      const reservation = earlier ?? (await this.reserve(actor, body, key));
      await this.keep(reservation, work);
      return this.take(reservation, actor, body, assignment, work, origin);
    });
  }

  private take(
    reservation: Reservation,
    actor: Actor,
    body: SubmissionCreate,
    assignment: StoredAssignment,
    work: Work,
    origin: Origin,
  ): Promise<Accepted> {
    const deadline = this.parts.lifetime.deadline('queued', reservation.createdAt);
    return this.store({
      ...build(reservation, actor, body, assignment, work, origin),
      ...(deadline === undefined ? {} : { deadline_at: deadline }),
    });
  }

  private limitsOf({ limits: { max_code_bytes: own } }: StoredAssignment): FileLimits {
    const { maxCodeBytes, maxFilesBytes: allBytes } = this.parts;
    return own !== null && own < maxCodeBytes
      ? { textBytes: own, whose: 'this assignment', allBytes }
      : { textBytes: maxCodeBytes, whose: 'this service', allBytes };
  }

  /** Before the submission, which is complete once it is there. */
  private async keep({ id }: Reservation, { kept }: Work): Promise<void> {
    if (kept.length === 0) return;
    await this.parts.keptFiles.bulkWrite(
      kept.map(({ path, bytes }) => ({
        updateOne: {
          filter: { _id: keptFileId(id, path) },
          update: { $setOnInsert: { submission_id: id, content: bytes } },
          upsert: true,
        },
      })),
      { ordered: false },
    );
  }

  private async reserve(actor: Actor, body: SubmissionCreate, key?: string): Promise<Reservation> {
    const now = this.parts.lifetime.now();
    return key === undefined ? newId(now) : this.parts.keys.reserve(actor.userId, key, body, now);
  }

  private async store(submission: StoredSubmission): Promise<Accepted> {
    try {
      await this.inserts.insert(submission);
    } catch (error) {
      // A concurrent twin with the same idempotency key was first; both were promised the same submission.
      const first = isDuplicateKey(error) ? await this.find({ id: submission._id }) : null;
      if (first === null) throw error;
      return { submission: first, replayed: true };
    }
    this.parts.onStored(submission);
    return { submission, replayed: false };
  }

  private find({ id }: Pick<Reservation, 'id'>): Promise<StoredSubmission | null> {
    return this.parts.submissions.findOne({ _id: id });
  }

  private async check(actor: Actor, body: SubmissionCreate): Promise<StoredAssignment> {
    const { assignments, users } = this.parts;
    const someoneElse = body.user_id !== undefined && body.user_id !== actor.userId;
    const [assignment, known] = await Promise.all([
      assignments.find(body.assignment_id),
      someoneElse ? users.exists(body.user_id ?? actor.userId) : true,
    ]);
    const noAssignment = () => invalid('assignment_id', 'there is no assignment with this id');
    if (assignment === null) throw noAssignment();
    const role = await this.roleIn(assignment, actor, body.user_id ?? actor.userId);
    const now = this.parts.lifetime.now();
    if (!isThereFor(assignment, role, now)) throw noAssignment();
    if (!known) throw invalid('user_id', 'there is no user with this id');
    if (body.language !== undefined && body.language !== assignment.language) {
      throw invalid('language', `is ${body.language}, but the assignment is in ${assignment.language}`);
    }
    if (assignment.archived) {
      throw new ProblemError('assignment_archived', {
        detail: 'This assignment is archived and takes no new submissions.',
      });
    }
    assertInTime(assignment, role, now);
    return assignment;
  }

  /** What counts for dates: who teaches hands in for others too, whenever they want. */
  private async roleIn(
    { course_id: course = null, owner_id }: StoredAssignment,
    actor: Actor,
    userId: string,
  ): Promise<CourseRole | undefined> {
    if (actor.roles.includes('admin') || String(owner_id) === actor.userId) return 'instructor';
    if (course === null) return undefined;
    const { membership } = this.parts;
    const [own, other] = [await membership.of(course, actor.userId), await membership.of(course, userId)];
    return other === null ? undefined : (own?.role ?? other.role);
  }
}

/** The part of an assignment that an attempt is graded by. */
export function snapshotOf({ version, title, description, rubric }: StoredAssignment): Snapshot {
  return { version, title, description, rubric };
}

function build(
  { id, createdAt }: Reservation,
  actor: Actor,
  body: SubmissionCreate,
  assignment: StoredAssignment,
  { code, files }: Work,
  origin: Origin,
): StoredSubmission {
  const { max_score } = assignment;
  const first = { seq: 1, status: 'queued', attempt: 1 } as const;
  const state = {
    score: null,
    max_score,
    fail_tags: [],
    failure: null,
    assignment_version: assignment.version,
  };
  return {
    ...nothingYet,
    ...first,
    grade: null,
    _id: id,
    assignment_id: assignment._id,
    user_id: objectId(body.user_id ?? actor.userId),
    submitted_by: objectId(actor.userId),
    language: assignment.language,
    code,
    code_bytes: Buffer.byteLength(code),
    ...(files === undefined ? {} : { files }),
    assignment: snapshotOf(assignment),
    max_score,
    requested_attempt: 1,
    given_back: 0,
    regrade_id: null,
    not_before: null,
    history: [
      {
        ...first,
        ...state,
        at: createdAt,
        actor: actorName(actor),
        reason: null,
        result_id: null,
        grade: null,
      },
    ],
    outbox: { attempt: 1, since: createdAt },
    request_id: origin.requestId,
    traceparent: origin.traceparent,
    created_at: createdAt,
    status_since: createdAt,
    updated_at: createdAt,
  };
}

function invalid(path: string, reason: string): ProblemError {
  return new ProblemError('invalid_request', {
    detail: `body ${path}: ${reason}.`,
    errors: [{ in: 'body', path, reason }],
  });
}
