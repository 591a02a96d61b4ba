import { z } from 'zod';
import { Id, Slug, Timestamp, Title, page, pageQuery } from '../primitives.js';

/** What somebody is in a course, whatever they are elsewhere. Assistants grade; instructors also run the course. */
export const CourseRole = z.enum(['instructor', 'assistant', 'student']).meta({ id: 'CourseRole' });
export type CourseRole = z.output<typeof CourseRole>;

/** Those who see the work of others. */
export const courseStaff: readonly CourseRole[] = ['instructor', 'assistant'];

export const Section = z
  .strictObject({ section_id: Slug.describe('Unique within the course.'), title: Title })
  .meta({ id: 'Section', description: 'A group of a course.' });
export type Section = z.output<typeof Section>;

const Sections = z
  .array(Section)
  .max(100, 'must hold at most 100 sections')
  .refine((all) => new Set(all.map((one) => one.section_id)).size === all.length, 'names a section twice');

const courseFields = {
  title: Title,
  term: Title.max(100).nullable().describe('When it is held, for people: `2026 autumn`.'),
  sections: Sections,
};

export const CourseCreate = z
  .strictObject({
    ...courseFields,
    term: courseFields.term.default(null),
    sections: courseFields.sections.default([]),
  })
  .meta({ id: 'CourseCreate' });
export type CourseCreate = z.output<typeof CourseCreate>;

export const CourseUpdate = z
  .strictObject(courseFields)
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'must change at least one field')
  .meta({ id: 'CourseUpdate' });
export type CourseUpdate = z.output<typeof CourseUpdate>;

export const Course = z
  .object({
    course_id: Id,
    ...courseFields,
    my_role: CourseRole.nullable().describe(
      'What the reader is in it; null for administrators from outside.',
    ),
    my_section: Slug.nullable(),
    entry_code: z
      .string()
      .nullable()
      .describe('Who has it may join as a student. Shown to instructors; null while nobody may join.'),
    archived_at: Timestamp.nullable().describe('An archived course takes neither people nor submissions.'),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'Course' });
export type Course = z.output<typeof Course>;

export const CoursePage = page(Course, 'CoursePage');

export const CourseQuery = z.strictObject({
  ...pageQuery,
  archived: z.enum(['true', 'false']).optional().describe('Only archived ones, or only live ones.'),
});

/** Eight letters and digits without those that look alike (Crockford's base 32), as people type them. */
export const EntryCode = z
  .string()
  .trim()
  .transform((code) => code.toUpperCase().replaceAll('-', ''))
  .pipe(z.string().regex(/^[0-9A-HJKMNP-TV-Z]{8}$/, 'must be an entry code: 8 letters and digits'))
  .meta({ id: 'EntryCode', examples: ['7KQ2M9XD'] });

export const CourseJoin = z.strictObject({ entry_code: EntryCode }).meta({ id: 'CourseJoin' });
