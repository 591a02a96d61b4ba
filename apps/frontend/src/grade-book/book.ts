import type { SubmissionSummary } from '@cloudemy/contracts';

/** An assignment as a column. */
export interface BookColumn {
  id: string;
  title: string;
  max: number;
}

/** What one student has in one assignment. */
export interface BookCell {
  submission: string;
  score: number | null;
  status: SubmissionSummary['status'];
  /** Tags of the grade: what the code lacks, and what somebody should look at. */
  flags: string[];
  tries: number;
}

export interface BookRow {
  user: string;
  name: string;
  section: string | null;
  /** In the order of the columns; nothing where nothing was handed in. */
  cells: (BookCell | null)[];
  sum: number;
}

/** Which of several submissions of a student counts. */
export type Counting = 'best' | 'last';

export interface Student {
  user: string;
  name: string;
  section: string | null;
}

/** One row for each student, those included who have handed in nothing. */
export function rowsOf(
  students: readonly Student[],
  columns: readonly BookColumn[],
  submissions: readonly SubmissionSummary[],
  counting: Counting,
): BookRow[] {
  const byPlace = Map.groupBy(submissions, ({ user_id, assignment_id }) => `${user_id} ${assignment_id}`);
  return students.map((student) => {
    const cells = columns.map(({ id }) => cellOf(byPlace.get(`${student.user} ${id}`) ?? [], counting));
    const sum = cells.reduce((total, cell) => total + (cell?.score ?? 0), 0);
    return { ...student, cells, sum: Number(sum.toFixed(6)) };
  });
}

function cellOf(submissions: readonly SubmissionSummary[], counting: Counting): BookCell | null {
  // One that was cancelled before it had a grade is as if it had not been handed in.
  const all = submissions.filter(({ status, score }) => status !== 'cancelled' || score !== null);
  const newest = all.toSorted((a, b) => (a.created_at < b.created_at ? 1 : -1));
  const counts =
    counting === 'last' ? newest[0] : newest.toSorted((a, b) => (b.score ?? -1) - (a.score ?? -1))[0];
  if (counts === undefined) return null;
  return {
    submission: counts.submission_id,
    score: counts.score,
    status: counts.status,
    flags: counts.fail_tags,
    tries: all.length,
  };
}

/** What the table is sorted by: the name, the sum, or a column by its place. */
export interface Sorting {
  by: 'name' | 'sum' | number;
  down: boolean;
}

/** Sorted; whoever has nothing is last, whichever way. */
export function sorted(rows: readonly BookRow[], { by, down }: Sorting, locale: string): BookRow[] {
  const names = new Intl.Collator(locale);
  const way = down ? -1 : 1;
  const valueOf = (row: BookRow): number | null => {
    if (by === 'name') return null;
    return by === 'sum' ? row.sum : (row.cells[by]?.score ?? null);
  };
  return rows.toSorted((a, b) => {
    const [left, right] = [valueOf(a), valueOf(b)];
    if (by === 'name') return way * names.compare(a.name, b.name);
    if (left === null || right === null) {
      return left === right ? names.compare(a.name, b.name) : left === null ? 1 : -1;
    }
    return way * (left - right) || names.compare(a.name, b.name);
  });
}

export interface Filter {
  /** Part of a name, however it is written. */
  search: string;
  /** `missing`: something was not handed in. `flagged`: something has this flag. */
  only: string;
}

export const isShown = (row: BookRow, { search, only }: Filter): boolean =>
  row.name.toLocaleLowerCase().includes(search.trim().toLocaleLowerCase()) &&
  (only === '' ||
    (only === 'missing' && row.cells.includes(null)) ||
    (only === 'failed' && row.cells.some((cell) => cell?.status === 'failed' && cell.score === null)) ||
    row.cells.some((cell) => cell?.flags.includes(only) === true));

/** How many students are in each tenth of the most points that a column gives. */
export function spread(rows: readonly BookRow[], at: number, max: number): number[] {
  const bands = Array.from({ length: 10 }, () => 0);
  for (const { cells } of rows) {
    const score = cells[at]?.score;
    if (score === undefined || score === null) continue;
    const band = Math.max(0, Math.min(9, Math.floor((10 * score) / max)));
    bands[band] = (bands[band] ?? 0) + 1;
  }
  return bands;
}

/** As CSV (RFC 4180), with the mark by which spreadsheets know UTF-8. A cell that would be taken for a formula is text. */
export function csvOf(
  columns: readonly BookColumn[],
  rows: readonly BookRow[],
  heads: [string, string, string],
): string {
  const field = (value: string | number | null): string => {
    if (value === null) return '';
    if (typeof value === 'number') return String(value);
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const [name, section, sum] = heads;
  const lines = [
    [name, section, ...columns.map(({ title }) => title), sum],
    ...rows.map((row) => [row.name, row.section, ...row.cells.map((cell) => cell?.score ?? null), row.sum]),
  ];
  return `\uFEFF${lines.map((line) => line.map(field).join(',')).join('\r\n')}\r\n`;
}
