import type { CoursePerson, CoursePersonUpdate, CourseRole } from '@cloudemy/contracts';
import { maxCoursePeople } from '@cloudemy/contracts';
import { type Filters, cutPage, decodeCursor, isDuplicateKey, newId, objectId } from '@cloudemy/mongo';
import { ProblemError, notFound } from '@cloudemy/service';
import type { Types } from 'mongoose';
import { assertLive } from './courses.js';
import { type EnrolmentCollection, type StoredCourse, type StoredEnrolment, sortNameOf } from './model.js';

export interface PeopleQuery {
  limit: number;
  cursor?: string | undefined;
  role?: CourseRole | undefined;
  section?: string | undefined;
  search?: string | undefined;
}

/** Somebody who is to be in a course. */
export interface Newcomer {
  userId: Types.ObjectId;
  email: string;
  name: string;
  role: CourseRole;
  section: string | null;
}

/** Who is in courses. */
export class People {
  private readonly enrolments: EnrolmentCollection;
  private readonly now: () => Date;

  constructor(enrolments: EnrolmentCollection, now: () => Date) {
    this.enrolments = enrolments;
    this.now = now;
  }

  /** A page, in the order of names. */
  async list(courseId: string, { limit, cursor, ...filters }: PeopleQuery) {
    const bound: Filters = { ...filters, courseId };
    const after = await this.rowAfter(decodeCursor('people', bound, cursor));
    const rows = await this.enrolments
      .find(
        {
          course_id: objectId(courseId),
          ...(filters.role === undefined ? {} : { role: filters.role }),
          ...(filters.section === undefined ? {} : { section: filters.section }),
          $and: [beginsWith(filters.search), after],
        },
        { sort: { sort_name: 1, _id: 1 }, limit: limit + 1 },
      )
      .toArray();
    return cutPage(rows, limit, 'people', bound, personView);
  }

  private async rowAfter(id: Types.ObjectId | undefined) {
    if (id === undefined) return {};
    const row = await this.enrolments.findOne({ _id: id });
    if (row === null) {
      throw new ProblemError('conflict', {
        detail: 'The person at the end of the page before has left the course. Begin again without a cursor.',
      });
    }
    const { sort_name: name } = row;
    return { $or: [{ sort_name: { $gt: name } }, { sort_name: name, _id: { $gt: id } }] };
  }

  /**
   * Puts somebody into a course. Who is in it already keeps what they are.
   *
   * @throws ProblemError `conflict` for an archived course, `quota_exceeded`, `invalid_request` for an unknown section
   */
  async add(course: StoredCourse, newcomer: Newcomer): Promise<StoredEnrolment> {
    assertLive(course);
    assertSection(course, newcomer.section);
    const there = await this.find(course._id, newcomer.userId);
    if (there !== null) return there;
    await this.assertRoom(course._id, 1);
    const enrolment = enrolmentOf(course._id, newcomer, this.now());
    try {
      await this.enrolments.insertOne(enrolment);
      return enrolment;
    } catch (error) {
      const twin = isDuplicateKey(error) ? await this.find(course._id, newcomer.userId) : null;
      if (twin === null) throw error;
      return twin;
    }
  }

  /**
   * Puts many into a course, and gives those who are in it what is said of them.
   *
   * @throws ProblemError `quota_exceeded`
   */
  async addAll(course: StoredCourse, newcomers: readonly Newcomer[], added: number): Promise<void> {
    await this.assertRoom(course._id, added);
    await this.enrolments.bulkWrite(
      newcomers.map((newcomer) => {
        const { role, section, name, sort_name, ...first } = enrolmentOf(course._id, newcomer, this.now());
        return {
          updateOne: {
            filter: { course_id: course._id, user_id: newcomer.userId },
            update: { $set: { role, section, name, sort_name }, $setOnInsert: first },
            upsert: true,
          },
        };
      }),
      { ordered: false },
    );
  }

  /** @throws ProblemError `not_found`; `conflict` for the last instructor; `invalid_request` for an unknown section */
  async update(course: StoredCourse, userId: string, changes: CoursePersonUpdate): Promise<StoredEnrolment> {
    if (changes.section !== undefined) assertSection(course, changes.section);
    const current = await this.find(course._id, objectId(userId));
    if (current === null) throw notFound('person in this course', userId);
    if (changes.role !== undefined && changes.role !== 'instructor') await this.assertNotLast(current);
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const updated = await this.enrolments.findOneAndUpdate(
      { _id: current._id },
      { $set: given },
      { returnDocument: 'after' },
    );
    if (updated === null) throw notFound('person in this course', userId);
    return updated;
  }

  /** Now or before. @throws ProblemError `conflict` for the last instructor */
  async remove(courseId: string, userId: string): Promise<void> {
    const current = await this.find(objectId(courseId), objectId(userId));
    if (current === null) return;
    await this.assertNotLast(current);
    await this.enrolments.deleteOne({ _id: current._id });
  }

  /** By user id. */
  async all(courseId: Types.ObjectId): Promise<Map<string, StoredEnrolment>> {
    const rows = await this.enrolments.find({ course_id: courseId }, { limit: maxCoursePeople }).toArray();
    return new Map(rows.map((row) => [String(row.user_id), row]));
  }

  private find(courseId: Types.ObjectId, userId: Types.ObjectId): Promise<StoredEnrolment | null> {
    return this.enrolments.findOne({ course_id: courseId, user_id: userId });
  }

  private async assertRoom(courseId: Types.ObjectId, added: number): Promise<void> {
    const there = await this.enrolments.countDocuments({ course_id: courseId });
    if (added === 0 || there + added <= maxCoursePeople) return;
    throw new ProblemError('quota_exceeded', {
      detail: `A course has at most ${maxCoursePeople} people: there are ${there}, and ${added} more would be added.`,
    });
  }

  private async assertNotLast({ course_id: course, user_id: user, role }: StoredEnrolment): Promise<void> {
    if (role !== 'instructor') return;
    const other = await this.enrolments.findOne({ course_id: course, role, user_id: { $ne: user } });
    if (other !== null) return;
    throw new ProblemError('conflict', {
      detail: 'This is the last instructor of the course. Make somebody else an instructor first.',
    });
  }
}

/** @throws ProblemError `invalid_request` */
function assertSection({ sections }: StoredCourse, section: string | null): void {
  if (section === null || sections.some(({ section_id: id }) => id === section)) return;
  const known = sections.map(({ section_id: id }) => id).join(', ');
  const reason = `is no section of this course; ${known === '' ? 'it has none' : `its sections are ${known}`}`;
  throw new ProblemError('invalid_request', {
    detail: `body section ${reason}.`,
    errors: [{ in: 'body', path: 'section', reason }],
  });
}

export function enrolmentOf(
  courseId: Types.ObjectId,
  { userId, email, name, role, section }: Newcomer,
  at: Date,
): StoredEnrolment {
  return {
    _id: newId(at).id,
    course_id: courseId,
    user_id: userId,
    role,
    section,
    name,
    email,
    sort_name: sortNameOf(name),
    joined_at: at,
  };
}

function beginsWith(search: string | undefined) {
  if (search === undefined) return {};
  const start = (text: string) => ({ $regex: `^${text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)}` });
  return { $or: [{ sort_name: start(sortNameOf(search)) }, { email: start(search.toLowerCase()) }] };
}

export const personView = (person: StoredEnrolment): CoursePerson => ({
  user_id: String(person.user_id),
  name: person.name,
  email: person.email,
  role: person.role,
  section: person.section,
  joined_at: person.joined_at.toISOString(),
});
