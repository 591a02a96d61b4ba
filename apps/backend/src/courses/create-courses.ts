import type { Base } from '../base.js';
import type { Accounts } from '../accounts/accounts.js';
import { Courses } from './courses.js';
import { Membership } from './membership.js';
import { People } from './people.js';
import { Roster } from './roster.js';
import type { CourseParts } from './routes.js';

/** Courses and who is in them. */
export function createCourses(
  { config, stores, users, database }: Base,
  accounts: Accounts | undefined,
): CourseParts {
  const { now } = database.clock;
  const courses = new Courses(stores.courses, stores.enrolments, now);
  const people = new People(stores.enrolments, now);
  const isElsewhere = config.AUTH_MODE === 'jwt' && config.OIDC_ISSUER !== undefined;
  return {
    courses,
    people,
    membership: new Membership(stores.enrolments),
    roster: new Roster({ courses, people, users, accounts, isElsewhere }),
    users,
  };
}
