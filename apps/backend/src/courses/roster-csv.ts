import { CourseRole, Email, Slug, Title, maxCoursePeople } from '@cloudemy/contracts';
import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';

/** A line of a roster. */
export interface RosterRow {
  /** In the file; the first is 1. */
  line: number;
  email: string;
  /** Undefined where the file does not say. */
  name: string | undefined;
  section: string | undefined;
  role: z.output<typeof CourseRole> | undefined;
}

export interface RosterFault {
  line: number;
  reason: string;
}

/** How the columns are called in files of other systems, in English and Korean. */
const columnNames: Record<string, keyof typeof cells> = {
  email: 'email',
  'e-mail': 'email',
  'email address': 'email',
  mail: 'email',
  이메일: 'email',
  name: 'name',
  'full name': 'name',
  display_name: 'name',
  이름: 'name',
  section: 'section',
  group: 'section',
  분반: 'section',
  role: 'role',
  역할: 'role',
};

const cells = {
  email: Email,
  name: Title,
  section: z
    .string()
    .transform((text) => text.toLowerCase().replaceAll(/\s+/g, '-'))
    .pipe(Slug),
  role: z
    .string()
    .toLowerCase()
    .pipe(z.enum(CourseRole.options, `must be one of ${CourseRole.options.join(', ')}`)),
};

const Row = z
  .object({ info: z.object({ lines: z.int() }), record: z.array(z.string()) })
  .transform(({ info, record }) => ({ line: info.lines, values: record }));

/** Reads a roster, with every fault of it. Of none that has a fault may a row be used. */
export function readRoster(csv: string): { rows: RosterRow[]; faults: RosterFault[] } {
  let table: z.output<typeof Row>[];
  try {
    table = tableOf(csv);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? error['lines'] : 1;
    return { rows: [], faults: [{ line, reason: inWords(error) }] };
  }
  const [head, ...body] = table;
  if (head === undefined) return { rows: [], faults: [{ line: 1, reason: 'there is no line' }] };
  const columns = head.values.map((name) => columnNames[name.toLowerCase()]);
  const faults = headFaults(head, columns);
  if (faults.length > 0) return { rows: [], faults };
  if (body.length > maxCoursePeople) {
    const reason = `there are ${body.length} people; a course has at most ${maxCoursePeople}`;
    return { rows: [], faults: [{ line: 1, reason }] };
  }
  return readRows(body, columns);
}

/** Spreadsheets write a byte order mark and, in many countries, semicolons. */
function tableOf(csv: string): z.output<typeof Row>[] {
  const found: unknown = parse(csv, {
    bom: true,
    delimiter: delimiterOf(csv),
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    trim: true,
    max_record_size: 10_000,
  });
  return z.array(Row).parse(found);
}

/** What stands most often in the first line, outside quotes. */
function delimiterOf(csv: string): string {
  const [first = ''] = csv.replaceAll(/"[^"]*"/g, '').split(/[\r\n]/, 1);
  const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: first.split(delimiter).length }));
  return counts.toSorted((a, b) => b.count - a.count)[0]?.delimiter ?? ',';
}

function headFaults(
  { line, values }: z.output<typeof Row>,
  columns: readonly (string | undefined)[],
): RosterFault[] {
  const known = columns.filter((column) => column !== undefined);
  const twice = known.find((column, index) => known.indexOf(column) !== index);
  if (twice !== undefined) return [{ line, reason: `two columns are called ${twice}` }];
  if (known.includes('email')) return [];
  const seen = values.slice(0, 10).join(', ').slice(0, 200);
  return [{ line, reason: `the first line must name the columns, and one of them email; it reads: ${seen}` }];
}

function readRows(
  body: readonly z.output<typeof Row>[],
  columns: readonly (keyof typeof cells | undefined)[],
): { rows: RosterRow[]; faults: RosterFault[] } {
  const rows: RosterRow[] = [];
  const faults: RosterFault[] = [];
  const lineOf = new Map<string, number>();
  for (const { line, values } of body) {
    const row: RosterRow = { line, email: '', name: undefined, section: undefined, role: undefined };
    const before = faults.length;
    for (const [index, column] of columns.entries()) {
      const text = values[index] ?? '';
      if (column === undefined || (text === '' && column !== 'email')) continue;
      const read = cells[column].safeParse(text);
      if (read.success) Object.assign(row, { [column]: read.data });
      else faults.push({ line, reason: `${column} ${read.error.issues[0]?.message ?? 'is not valid'}` });
    }
    const earlier = lineOf.get(row.email);
    if (earlier !== undefined && faults.length === before) {
      faults.push({ line, reason: `${row.email} stands in line ${earlier} too` });
    }
    lineOf.set(row.email, earlier ?? line);
    rows.push(row);
  }
  return { rows, faults };
}

/** Without what stands in the file: it is somebody's. */
const inWords = ({ code }: CsvError): string =>
  code === 'CSV_MAX_RECORD_SIZE'
    ? 'a line is longer than 10,000 characters; is a quotation mark not closed?'
    : 'the quotation marks do not fit together: one inside a cell is written twice, and the cell between two';
