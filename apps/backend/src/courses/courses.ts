import type { Actor } from '@cloudemy/auth';
import type { Course, CourseCreate, CourseRole, CourseUpdate, Section } from '@cloudemy/contracts';
import { cutPage, decodeCursor, isDuplicateKey, newId, objectId } from '@cloudemy/mongo';
import { ProblemError, notFound } from '@cloudemy/service';
import type { Types } from 'mongoose';
import { newEntryCode } from './entry-code.js';
import type { CourseCollection, EnrolmentCollection, StoredCourse, StoredEnrolment } from './model.js';

/** Courses that one person may have made. */
const maxCourses = 500;

export interface CourseListQuery {
  limit: number;
  cursor?: string | undefined;
  archived?: 'true' | 'false' | undefined;
}

/** What is left out, or undefined, stays. */
type Changes = { [Field in keyof StoredCourse]?: StoredCourse[Field] | undefined };

/** What somebody is in a course; null for an administrator from outside. */
type Place = Pick<StoredEnrolment, 'role' | 'section'> | null;

/** Courses: what they are called, their sections, how they are joined. */
export class Courses {
  private readonly courses: CourseCollection;
  private readonly enrolments: EnrolmentCollection;
  private readonly now: () => Date;

  constructor(courses: CourseCollection, enrolments: EnrolmentCollection, now: () => Date) {
    this.courses = courses;
    this.enrolments = enrolments;
    this.now = now;
  }

  /** @throws ProblemError `quota_exceeded` */
  async create({ userId }: Actor, input: CourseCreate): Promise<StoredCourse> {
    const owner = objectId(userId);
    if ((await this.courses.countDocuments({ created_by: owner }, { limit: maxCourses })) >= maxCourses) {
      throw new ProblemError('quota_exceeded', {
        detail: `You have made ${maxCourses} courses, which is as many as one person may.`,
      });
    }
    const { id, createdAt } = newId(this.now());
    const course: StoredCourse = {
      _id: id,
      ...input,
      created_by: owner,
      archived: false,
      archived_at: null,
      created_at: createdAt,
      updated_at: createdAt,
    };
    await this.courses.insertOne(course);
    return course;
  }

  /** @throws ProblemError `not_found` */
  async get(courseId: string): Promise<StoredCourse> {
    const course = await this.courses.findOne({ _id: objectId(courseId) });
    if (course === null) throw notFound('course', courseId);
    return course;
  }

  /** @param within the courses that the reader reaches; undefined for all */
  async list({ limit, cursor, ...filters }: CourseListQuery, userId: string, within?: Types.ObjectId[]) {
    const after = decodeCursor('courses', filters, cursor);
    const ids = {
      ...(within === undefined ? {} : { $in: within }),
      ...(after === undefined ? {} : { $lt: after }),
    };
    const rows = await this.courses
      .find(
        {
          ...(filters.archived === undefined ? {} : { archived: filters.archived === 'true' }),
          ...(Object.keys(ids).length === 0 ? {} : { _id: ids }),
        },
        { sort: { _id: -1 }, limit: limit + 1 },
      )
      .toArray();
    const places = await this.placesOf(userId, rows);
    return cutPage(rows, limit, 'courses', filters, (row) =>
      courseView(row, places.get(String(row._id)) ?? null),
    );
  }

  private async placesOf(userId: string, courses: readonly StoredCourse[]): Promise<Map<string, Place>> {
    const found = await this.enrolments
      .find({ user_id: objectId(userId), course_id: { $in: courses.map(({ _id }) => _id) } })
      .toArray();
    return new Map(found.map((one) => [String(one.course_id), one]));
  }

  /** @throws ProblemError `not_found`; `conflict` for a section that is left out and has people in it */
  async update(courseId: string, changes: CourseUpdate): Promise<StoredCourse> {
    const current = await this.get(courseId);
    if (changes.sections !== undefined) await this.assertEmpty(current, changes.sections);
    return this.write(courseId, changes);
  }

  private async assertEmpty({ _id, sections }: StoredCourse, kept: readonly Section[]): Promise<void> {
    const left = new Set(kept.map(({ section_id: id }) => id));
    const gone = sections.map(({ section_id: id }) => id).filter((id) => !left.has(id));
    const person = await this.enrolments.findOne({ course_id: _id, section: { $in: gone } });
    if (person === null) return;
    const reason = `leaves out ${String(person.section)}, and there are people in it: move them first`;
    throw new ProblemError('conflict', {
      detail: `body sections ${reason}.`,
      errors: [{ in: 'body', path: 'sections', reason }],
    });
  }

  /** Now or before. @throws ProblemError `not_found` */
  async setArchived(courseId: string, archived: boolean): Promise<StoredCourse> {
    const current = await this.get(courseId);
    if (current.archived === archived) return current;
    return this.write(courseId, { archived, archived_at: archived ? this.now() : null });
  }

  /** @throws ProblemError `not_found`; `conflict` for an archived course */
  async openEntry(courseId: string): Promise<StoredCourse> {
    assertLive(await this.get(courseId));
    for (;;) {
      try {
        return await this.write(courseId, { entry_code: newEntryCode() });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    }
  }

  /** @throws ProblemError `not_found` */
  async closeEntry(courseId: string): Promise<StoredCourse> {
    const closed = await this.courses.findOneAndUpdate(
      { _id: objectId(courseId) },
      { $unset: { entry_code: '' }, $set: { updated_at: this.now() } },
      { returnDocument: 'after' },
    );
    if (closed === null) throw notFound('course', courseId);
    return closed;
  }

  /** @throws ProblemError `invalid_request` for a code that opens nothing */
  async byEntryCode(code: string): Promise<StoredCourse> {
    const course = await this.courses.findOne({ entry_code: code });
    if (course !== null) return course;
    const reason = 'opens no course: ask your instructor for the one in force';
    throw new ProblemError('invalid_request', {
      detail: `body entry_code ${reason}.`,
      errors: [{ in: 'body', path: 'entry_code', reason }],
    });
  }

  private async write(courseId: string, changes: Changes): Promise<StoredCourse> {
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const written = await this.courses.findOneAndUpdate(
      { _id: objectId(courseId) },
      { $set: { ...given, updated_at: this.now() } },
      { returnDocument: 'after' },
    );
    if (written === null) throw notFound('course', courseId);
    return written;
  }
}

/** @throws ProblemError `conflict` */
export function assertLive({ archived }: StoredCourse): void {
  if (!archived) return;
  throw new ProblemError('conflict', {
    detail: 'The course is archived and takes nobody and nothing new. Its instructors can open it again.',
  });
}

const mayInvite = (role: CourseRole | undefined): boolean => role === undefined || role === 'instructor';

/** @param place what the reader is in it; null for an administrator from outside */
export function courseView(course: StoredCourse, place: Place): Course {
  return {
    course_id: String(course._id),
    title: course.title,
    term: course.term,
    sections: course.sections,
    my_role: place?.role ?? null,
    my_section: place?.section ?? null,
    entry_code: mayInvite(place?.role) ? (course.entry_code ?? null) : null,
    archived_at: course.archived_at?.toISOString() ?? null,
    created_at: course.created_at.toISOString(),
    updated_at: course.updated_at.toISOString(),
  };
}
