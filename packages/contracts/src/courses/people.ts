import { z } from 'zod';
import { Id, Slug, Timestamp, Title, page, pageQuery, wellFormed } from '../primitives.js';
import { Email } from '../users.js';
import { CourseRole } from './course.js';

const place = {
  role: CourseRole,
  section: Slug.nullable().describe('A `section_id` of the course.'),
};

export const CoursePersonAdd = z
  .strictObject({
    email: Email,
    name: Title.nullable().default(null).describe('As the course calls them; theirs when left out.'),
    role: place.role.default('student'),
    section: place.section.default(null),
  })
  .meta({ id: 'CoursePersonAdd' });
export type CoursePersonAdd = z.output<typeof CoursePersonAdd>;

export const CoursePersonUpdate = z
  .strictObject(place)
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'must change at least one field')
  .meta({ id: 'CoursePersonUpdate' });
export type CoursePersonUpdate = z.output<typeof CoursePersonUpdate>;

export const CoursePerson = z
  .object({
    user_id: Id,
    name: z.string(),
    email: z.string(),
    ...place,
    joined_at: Timestamp,
  })
  .meta({ id: 'CoursePerson', description: 'Somebody in a course.' });
export type CoursePerson = z.output<typeof CoursePerson>;

export const CoursePersonPage = page(CoursePerson, 'CoursePersonPage');

export const CoursePersonQuery = z.strictObject({
  ...pageQuery,
  role: CourseRole.optional(),
  section: Slug.optional(),
  search: z.string().trim().min(1).max(100).optional().describe('What the name or the address begins with.'),
});

/** Lines of a roster, and people of a course. */
export const maxCoursePeople = 5_000;

export const RosterImport = z
  .strictObject({
    csv: wellFormed(z.string().min(1, 'must not be empty').max(1_048_576, 'must be at most 1 MiB')).describe(
      'A line for each person, after a line that names the columns: `email`, and as you like `name`, `section`, `role`. Commas, semicolons or tabs between them.',
    ),
    dry_run: z.boolean().default(false).describe('Only say what would be done.'),
  })
  .meta({ id: 'RosterImport' });
export type RosterImport = z.output<typeof RosterImport>;

export const RosterReport = z
  .object({
    dry_run: z.boolean(),
    added: z.int(),
    changed: z.int().describe('Another name, section or role.'),
    unchanged: z.int(),
    not_listed: z
      .int()
      .describe('Students of the course that the roster does not name. They stay: remove them one by one.'),
    new_sections: z.array(Slug).describe('Named by the roster, and made.'),
    invitations: z
      .array(z.object({ email: z.string(), invitation: z.string(), expires_at: Timestamp }))
      .describe(
        'For those who have no password yet and whose account this course made: `POST /auth/accept-invitation`. Shown once; importing again makes others.',
      ),
  })
  .meta({ id: 'RosterReport' });
export type RosterReport = z.output<typeof RosterReport>;
