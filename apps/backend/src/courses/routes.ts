import { actorOf, scopesOn, tellAudit } from '@cloudemy/auth';
import { type Course, type CourseRole, type coursesApi, courseStaff } from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import type { Handlers } from '@cloudemy/service';
import type { Response } from 'express';
import type { Users } from '../users/users.js';
import { type Courses, courseView } from './courses.js';
import type { Membership } from './membership.js';
import type { StoredCourse } from './model.js';
import { type Newcomer, type People, personView } from './people.js';
import type { Roster } from './roster.js';

export interface CourseParts {
  courses: Courses;
  people: People;
  membership: Membership;
  roster: Roster;
  users: Users;
}

type CourseHandlers = Handlers<typeof coursesApi>;

const everyRole: readonly CourseRole[] = [...courseStaff, 'student'];

export function courseHandlers(parts: CourseParts): CourseHandlers {
  const { courses, people, membership, users } = parts;
  const shown = async (res: Response, course: StoredCourse): Promise<Course> =>
    courseView(course, await membership.of(course._id, actorOf(res).userId));
  const answer = async (res: Response, course: Promise<StoredCourse>) => ({
    status: 200 as const,
    body: await shown(res, await course),
  });
  return {
    ...peopleHandlers(parts),
    createCourse: async ({ body, res }) => {
      const actor = actorOf(res);
      const course = await courses.create(actor, body);
      await people.add(course, await oneself(users, actor.userId, 'instructor'));
      const view = await shown(res, course);
      return { status: 201, body: view, headers: { Location: `/courses/${view.course_id}` } };
    },
    listCourses: async ({ query, res }) => {
      const { userId } = actorOf(res);
      const all = scopesOn(res).includes('any');
      const within = all ? undefined : await membership.coursesOf(userId, everyRole);
      return { status: 200, body: await courses.list(query, userId, within) };
    },
    joinCourse: async ({ body, res }) => {
      const course = await courses.byEntryCode(body.entry_code);
      await people.add(course, await oneself(users, actorOf(res).userId, 'student'));
      tellAudit(res, { detail: `course ${String(course._id)}` });
      return answer(res, Promise.resolve(course));
    },
    getCourse: ({ params, res }) => answer(res, courses.get(params.course_id)),
    updateCourse: ({ params, body, res }) => answer(res, courses.update(params.course_id, body)),
    archiveCourse: ({ params, res }) => answer(res, courses.setArchived(params.course_id, true)),
    unarchiveCourse: ({ params, res }) => answer(res, courses.setArchived(params.course_id, false)),
    openCourseEntry: ({ params, res }) => answer(res, courses.openEntry(params.course_id)),
    closeCourseEntry: ({ params, res }) => answer(res, courses.closeEntry(params.course_id)),
  };
}

type PeopleHandlers = Pick<
  CourseHandlers,
  'listCoursePeople' | 'addCoursePerson' | 'updateCoursePerson' | 'removeCoursePerson' | 'importRoster'
>;

function peopleHandlers({ courses, people, roster }: CourseParts): PeopleHandlers {
  return {
    listCoursePeople: async ({ params, query }) => ({
      status: 200,
      body: await people.list(params.course_id, query),
    }),
    addCoursePerson: async ({ params, body, res }) => {
      const added = await roster.add(params.course_id, body);
      tellAudit(res, { detail: `user ${String(added.user_id)} as ${added.role}` });
      return { status: 200, body: personView(added) };
    },
    updateCoursePerson: async ({ params, body, res }) => {
      const course = await courses.get(params.course_id);
      const updated = await people.update(course, params.user_id, body);
      tellAudit(res, { detail: `user ${params.user_id}: ${updated.role}` });
      return { status: 200, body: personView(updated) };
    },
    removeCoursePerson: async ({ params, res }) => {
      await people.remove(params.course_id, params.user_id);
      tellAudit(res, { detail: `user ${params.user_id}` });
      return { status: 204 };
    },
    importRoster: async ({ params, body, res }) => {
      const report = await roster.import(params.course_id, body);
      tellAudit(res, { detail: `${report.added} added, ${report.changed} changed` });
      return { status: 200, headers: { 'Cache-Control': 'no-store' }, body: report };
    },
  };
}

/** Whoever comes by themselves shows the course their name and address. */
async function oneself(users: Users, userId: string, role: CourseRole): Promise<Newcomer> {
  const { display_name: name, email } = await users.get(userId);
  return { userId: objectId(userId), name, email, role, section: null };
}
