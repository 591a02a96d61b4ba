import type { Assignment, SubmissionSummary } from '@cloudemy/contracts';
import type { Clients } from '../data/server.ts';
import type { BookColumn, Student } from './book.ts';

/** Assignments of a teacher that are shown: more would be no table that anybody reads. */
const mostColumns = 50;
/** Pages of 200 that are read of one list. */
const mostPages = 25;

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** Every page of a list, one after the other: each says where the next begins. */
async function everything<T>(ask: (cursor: { cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let cursor: { cursor?: string } = {};
  for (let pages = 0; pages < mostPages; pages += 1) {
    // oxlint-disable-next-line no-await-in-loop
    const { items, next_cursor: next } = await ask(cursor);
    all.push(...items);
    if (next === null) break;
    cursor = { cursor: next };
  }
  return all;
}

export interface Book {
  students: Student[];
  columns: BookColumn[];
  submissions: SubmissionSummary[];
}

/** The students of a course, and what they have handed in to the assignments of whoever reads this. */
export async function loadBook(
  { backend }: Clients,
  course_id: string,
  owner_id: string | undefined,
): Promise<Book> {
  const [people, assignments] = await Promise.all([
    everything((cursor) =>
      backend.listCoursePeople({
        params: { course_id },
        query: { role: 'student', limit: 200, ...cursor },
      }),
    ),
    backend.listAssignments({
      query: { limit: mostColumns, archived: 'false', ...(owner_id === undefined ? {} : { owner_id }) },
    }),
  ]);
  const known = new Set(people.map(({ user_id }) => user_id));
  const lists = await Promise.all(
    assignments.items.map(async ({ assignment_id }) => {
      const all = await everything((cursor) =>
        backend.listSubmissions({ query: { assignment_id, limit: 200, ...cursor } }),
      );
      return all.filter(({ user_id }) => known.has(user_id));
    }),
  );
  return {
    students: people.map(({ user_id: user, name, section }) => ({ user, name, section })),
    columns: columnsOf(assignments.items, lists),
    submissions: lists.flat(),
  };
}

/** The first assignment at the left. Those of another course, to which nobody here has handed in anything, are left out. */
function columnsOf(assignments: readonly Assignment[], lists: readonly SubmissionSummary[][]): BookColumn[] {
  const used = assignments.filter((_, at) => (lists[at]?.length ?? 0) > 0);
  return used.toReversed().map(({ assignment_id: id, title, max_score: max }) => ({ id, title, max }));
}
