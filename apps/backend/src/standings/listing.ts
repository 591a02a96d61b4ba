import type { Standing, StandingQuery } from '@cloudemy/contracts';
import { reviewTags } from '@cloudemy/grading';
import { cutPage, decodeCursor, objectId } from '@cloudemy/mongo';
import { ProblemError } from '@cloudemy/service';
import type { AssignmentModel } from '../assignments/model.js';
import { gradeOf, gradeView } from '../grades/grade.js';
import type { SubmissionCollection } from '../submissions/model.js';
import type { UserModel } from '../users/model.js';
import { type Named, named } from './people.js';
import { standingsOf } from './walk.js';

export interface StandingParts {
  assignments: AssignmentModel;
  submissions: SubmissionCollection;
  users: UserModel;
}

/** Students that are sorted at a time: as many as a course has people. */
const maxSorted = 5_000;

/**
 * A page of the students of an assignment.
 *
 * @throws ProblemError `quota_exceeded` for more students than are sorted; `invalid_request` for a cursor of another list
 */
export async function listStandings(
  { submissions, users }: Pick<StandingParts, 'submissions' | 'users'>,
  assignmentId: string,
  { limit, cursor, ...query }: StandingQuery,
) {
  const filters = { assignmentId, ...texts(query) };
  const after = decodeCursor('standings', filters, cursor);
  const all: Standing[] = [];
  for await (const one of named(standingsOf(submissions, assignmentId, query.counts, 'head'), users)) {
    if (all.length >= maxSorted) throw tooMany();
    all.push(standingView(one));
  }
  const sorted = all.toSorted(orderOf(query.sort));
  // Somebody stays a student of the assignment, whatever becomes of their grade: the place is found again.
  const start = after === undefined ? 0 : sorted.findIndex((one) => one.user_id === String(after)) + 1;
  const rows = sorted.slice(start).filter((one) => isWanted(one, query));
  const page = rows.slice(0, limit + 1).map((one) => ({ ...one, _id: objectId(one.user_id) }));
  return cutPage(page, limit, 'standings', filters, ({ _id, ...one }) => one);
}

function standingView({ submission, submissions, name, email }: Named): Standing {
  const grade = gradeOf(submission);
  const tags = grade?.fail_tags ?? [];
  return {
    user_id: String(submission.user_id),
    name,
    email,
    submissions,
    submission_id: String(submission._id),
    status: submission.status,
    score: grade?.score ?? null,
    max_score: grade?.max_score ?? submission.max_score,
    fail_tags: tags,
    flagged: grade?.source !== 'decided' && tags.some((tag) => reviewTags.includes(tag)),
    grade: gradeView(grade),
    created_at: submission.created_at.toISOString(),
  };
}

type Wanted = Omit<StandingQuery, 'limit' | 'cursor'>;

function isWanted(
  one: Standing,
  { search, tag, flagged, status, min_score: min, max_score: max }: Wanted,
): boolean {
  const { score } = one;
  const hasPoints =
    (min === undefined || (score !== null && score >= min)) &&
    (max === undefined || (score !== null && score <= max));
  return (
    hasPoints &&
    (search === undefined || [one.name, one.email].some((text) => contains(text, search))) &&
    (tag === undefined || one.fail_tags.includes(tag)) &&
    (flagged === undefined || one.flagged === flagged) &&
    (status === undefined || one.status === status)
  );
}

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();
const contains = (text: string | null, part: string): boolean =>
  text !== null && folded(text).includes(folded(part));

type Order = (a: Standing, b: Standing) => number;

const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
const nameOf = ({ name, email, user_id: id }: Standing): string => folded(name ?? email ?? id);

/** Equal ones by name, then by id: the same order each time. */
function orderOf(sort: StandingQuery['sort']): Order {
  const sign = sort.startsWith('-') ? -1 : 1;
  const byName: Order = (a, b) => byText(nameOf(a), nameOf(b));
  const first: Record<string, Order> = {
    name: (a, b) => sign * byName(a, b),
    created_at: (a, b) => sign * byText(a.created_at, b.created_at),
    score: (a, b) => {
      if (a.score === null || b.score === null) return Number(a.score === null) - Number(b.score === null);
      return sign * (a.score - b.score);
    },
  };
  const by = first[sort.replace('-', '')] ?? byName;
  return (a, b) => by(a, b) || byName(a, b) || byText(a.user_id, b.user_id);
}

const texts = (query: Wanted): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, value === undefined ? undefined : String(value)]),
  );

const tooMany = (): ProblemError =>
  new ProblemError('quota_exceeded', {
    detail: `More than ${maxSorted} students handed in, which is as many as are sorted here. grades.csv has all of them.`,
  });
