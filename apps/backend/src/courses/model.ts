import type { CourseRole, Section } from '@cloudemy/contracts';
import { type IndexDescription, openCollection } from '@cloudemy/mongo';
import type { Collection, Connection, Types } from 'mongoose';

export interface StoredCourse {
  _id: Types.ObjectId;
  title: string;
  term: string | null;
  sections: Section[];
  /** Absent while nobody may join by one. */
  entry_code?: string;
  created_by: Types.ObjectId;
  /** Beside the instant, because an index serves equality. */
  archived: boolean;
  archived_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

/** Somebody in a course. */
export interface StoredEnrolment {
  _id: Types.ObjectId;
  course_id: Types.ObjectId;
  user_id: Types.ObjectId;
  role: CourseRole;
  section: string | null;
  /** As the course calls them: of the account nothing is shown that the course was not told. */
  name: string;
  email: string;
  /** Folded, for lists in order of names and for finding by how a name begins. */
  sort_name: string;
  joined_at: Date;
}

export type CourseCollection = Collection<StoredCourse>;
export type EnrolmentCollection = Collection<StoredEnrolment>;

export const courseIndexes: IndexDescription[] = [
  { key: { entry_code: 1 }, unique: true, sparse: true },
  { key: { created_by: 1 } },
  { key: { archived: 1, _id: -1 } },
];
export const enrolmentIndexes: IndexDescription[] = [
  { key: { course_id: 1, user_id: 1 }, unique: true },
  { key: { user_id: 1, course_id: -1 } },
  { key: { course_id: 1, sort_name: 1, _id: 1 } },
  { key: { course_id: 1, email: 1 } },
];

export const courseCollection = (connection: Connection): CourseCollection =>
  openCollection<StoredCourse>(connection, 'courses');
export const enrolmentCollection = (connection: Connection): EnrolmentCollection =>
  openCollection<StoredEnrolment>(connection, 'enrolments');

/** How names are compared: by their letters, whatever their case and normal form. */
export const sortNameOf = (name: string): string => name.normalize('NFKC').toLocaleLowerCase('en');
