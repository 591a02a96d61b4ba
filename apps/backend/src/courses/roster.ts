import type { CoursePersonAdd, Invitation, RosterImport, RosterReport } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import type { Accounts } from '../accounts/accounts.js';
import type { StoredUser } from '../users/model.js';
import type { Users } from '../users/users.js';
import { type Courses, assertLive } from './courses.js';
import { type StoredCourse, type StoredEnrolment } from './model.js';
import type { Newcomer, People } from './people.js';
import { type RosterFault, type RosterRow, readRoster } from './roster-csv.js';

export interface RosterParts {
  courses: Courses;
  people: People;
  users: Users;
  /** Absent where people sign in elsewhere, or not at all. */
  accounts: Pick<Accounts, 'invite' | 'withPassword'> | undefined;
  /** Whether the people of an external issuer are the only ones there are. */
  isElsewhere: boolean;
}

/** A row of the roster, and what is there already of whom it names. */
interface Planned {
  row: RosterRow;
  user: StoredUser | undefined;
  there: StoredEnrolment | undefined;
}

/** Puts the people of a list into a course, all or none. */
export class Roster {
  private readonly parts: RosterParts;

  constructor(parts: RosterParts) {
    this.parts = parts;
  }

  /**
   * @throws ProblemError `invalid_request` with every fault by its line, `conflict` for an archived course,
   *   `quota_exceeded`
   */
  async import(courseId: string, { csv, dry_run }: RosterImport): Promise<RosterReport> {
    const { courses, people } = this.parts;
    const course = await courses.get(courseId);
    assertLive(course);
    const { rows, faults } = readRoster(csv);
    refuse(faults);
    const plan = await this.plan(course, rows);
    refuse(this.unknown(plan));
    const sections = newSections(course, rows);
    const report = { dry_run, ...counts(plan, await people.all(course._id)), new_sections: sections };
    if (dry_run) return { ...report, invitations: [] };
    const grown = await this.withSections(course, sections);
    const newcomers = await Promise.all(plan.map((one) => this.newcomer(grown, one)));
    await people.addAll(grown, newcomers, report.added);
    return { ...report, invitations: await this.invite(course, newcomers) };
  }

  /**
   * Puts one person into a course by their address. Who is in it keeps what they are.
   *
   * @throws ProblemError `invalid_request`, `conflict` for an archived course, `quota_exceeded`
   */
  async add(courseId: string, { email, name, role, section }: CoursePersonAdd): Promise<StoredEnrolment> {
    const course = await this.parts.courses.get(courseId);
    assertLive(course);
    const row: RosterRow = { line: 1, email, name: name ?? undefined, role, section: section ?? undefined };
    const user = await this.parts.users.findByEmail(email);
    if (user === null && this.parts.isElsewhere) {
      const reason = 'has never signed in here: they sign in once first, or join by the entry code';
      throw new ProblemError('invalid_request', {
        detail: `body email ${reason}.`,
        errors: [{ in: 'body', path: 'email', reason }],
      });
    }
    const planned = { row, user: user ?? undefined, there: undefined };
    return this.parts.people.add(course, await this.newcomer(course, planned));
  }

  private async plan(course: StoredCourse, rows: readonly RosterRow[]): Promise<Planned[]> {
    const users = await this.parts.users.byEmail(rows.map(({ email }) => email));
    const there = await this.parts.people.all(course._id);
    return rows.map((row) => {
      const user = users.get(row.email);
      return { row, user, there: user && there.get(String(user._id)) };
    });
  }

  /** Where people are known by their issuer alone, nobody can be made here. */
  private unknown(plan: readonly Planned[]): RosterFault[] {
    if (!this.parts.isElsewhere) return [];
    return plan
      .filter(({ user }) => user === undefined)
      .map(({ row: { line, email } }) => ({
        line,
        reason: `${email} has never signed in here: they sign in once first, or join by the entry code`,
      }));
  }

  private async withSections(course: StoredCourse, sections: readonly string[]): Promise<StoredCourse> {
    if (sections.length === 0) return course;
    const added = sections.map((section_id) => ({ section_id, title: section_id }));
    return this.parts.courses.update(String(course._id), { sections: [...course.sections, ...added] });
  }

  private async newcomer({ _id: course_id }: StoredCourse, { row, user, there }: Planned): Promise<Newcomer> {
    const { email, name, role, section } = row;
    const account =
      user ??
      (await this.parts.users.findOrCreate({
        email,
        display_name: name ?? email,
        roles: ['student'],
        course_id,
      }));
    return {
      userId: account._id,
      email,
      name: name ?? there?.name ?? email,
      role: role ?? there?.role ?? 'student',
      section: section ?? there?.section ?? null,
    };
  }

  /** Only those whose account this course has made: whoever could invite others would take their accounts over. */
  private async invite(
    { _id: courseId }: StoredCourse,
    newcomers: readonly Newcomer[],
  ): Promise<({ email: string } & Invitation)[]> {
    const { accounts, users } = this.parts;
    if (accounts === undefined) return [];
    const made = await users.madeFor(
      courseId,
      newcomers.map(({ userId }) => userId),
    );
    const started = await accounts.withPassword(made.map(({ _id }) => _id));
    const invitations = [];
    for (const { _id, email } of made) {
      if (!started.has(String(_id))) invitations.push({ email, ...(await accounts.invite(String(_id))) });
    }
    return invitations;
  }
}

function counts(
  plan: readonly Planned[],
  there: ReadonlyMap<string, StoredEnrolment>,
): Pick<RosterReport, 'added' | 'changed' | 'unchanged' | 'not_listed'> {
  const known = plan.filter((one) => one.there !== undefined);
  const changed = known.filter((one) => isChanged(one)).length;
  const named = new Set(known.map((one) => String(one.there?.user_id)));
  const others = [...there.values()].filter(
    ({ user_id: id, role }) => role === 'student' && !named.has(String(id)),
  );
  return {
    added: plan.length - known.length,
    changed,
    unchanged: known.length - changed,
    not_listed: others.length,
  };
}

const isChanged = ({ row, there }: Planned): boolean =>
  [
    [row.name, there?.name],
    [row.role, there?.role],
    [row.section, there?.section ?? undefined],
  ].some(([said, is]) => said !== undefined && said !== is);

function newSections({ sections }: StoredCourse, rows: readonly RosterRow[]): string[] {
  const known = new Set(sections.map(({ section_id: id }) => id));
  return [...new Set(rows.flatMap(({ section }) => section ?? []))].filter((id) => !known.has(id));
}

/** @throws ProblemError `invalid_request` with each fault */
function refuse(faults: readonly RosterFault[]): void {
  const [first] = faults;
  if (first === undefined) return;
  throw new ProblemError('invalid_request', {
    detail: `body csv, line ${first.line}: ${first.reason}. Nobody was added.`,
    errors: faults.map(({ line, reason }) => ({
      in: 'body',
      path: 'csv',
      line,
      reason: `line ${line}: ${reason}`,
    })),
  });
}
