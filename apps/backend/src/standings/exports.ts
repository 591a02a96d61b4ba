import { once } from 'node:events';
import type { Counts } from '@cloudemy/contracts';
import type { Response } from 'express';
import { gradeOf } from '../grades/grade.js';
import { byteOrderMark, csvLine } from './csv.js';
import type { StandingParts } from './listing.js';
import { named } from './people.js';
import { standingsOf } from './walk.js';

const gradeColumns = [
  'user_id',
  'name',
  'email',
  'submission_id',
  'submissions',
  'status',
  'score',
  'max_score',
  'fail_tags',
  'graded_by',
  'reason',
  'submitted_at',
  'graded_at',
];

/** The grades of an assignment, a line for each student. */
export async function* gradeLines(
  { submissions, users }: StandingParts,
  assignmentId: string,
  counts: Counts,
): AsyncGenerator<string> {
  yield byteOrderMark + csvLine(gradeColumns);
  for await (const one of named(standingsOf(submissions, assignmentId, counts, 'head'), users)) {
    const { submission } = one;
    const grade = gradeOf(submission);
    yield csvLine([
      String(submission.user_id),
      one.name,
      one.email,
      String(submission._id),
      one.submissions,
      submission.status,
      grade?.score ?? null,
      grade?.max_score ?? submission.max_score,
      grade?.fail_tags.join(' ') ?? null,
      grade === null ? null : (grade.source ?? 'attempt'),
      grade?.reason ?? null,
      submission.created_at.toISOString(),
      grade?.graded_at.toISOString() ?? null,
    ]);
  }
}

const resultColumns = [
  'user_id',
  'name',
  'email',
  'submission_id',
  'criterion_id',
  'title',
  'met',
  'points',
  'max_points',
  'reason',
  'grader_points',
];

/** The results of an assignment, a line for each student and criterion. */
export async function* resultLines(
  { submissions, users }: StandingParts,
  assignmentId: string,
  counts: Counts,
): AsyncGenerator<string> {
  yield byteOrderMark + csvLine(resultColumns);
  for await (const one of named(standingsOf(submissions, assignmentId, counts, 'whole'), users)) {
    const { submission, name, email } = one;
    const lines = (gradeOf(submission)?.criteria ?? []).map((criterion) =>
      csvLine([
        String(submission.user_id),
        name,
        email,
        String(submission._id),
        criterion.criterion_id,
        criterion.title ?? null,
        criterion.met,
        criterion.points,
        criterion.max_points,
        criterion.reason,
        criterion.original?.points ?? criterion.points,
      ]),
    );
    yield lines.join('');
  }
}

/**
 * Answers with lines as they come, no faster than they are read. When the database fails before the first line the
 * answer is a problem; after it the connection ends without the end of the answer, so that no part is taken for the whole.
 *
 * @param reader aborted when the reader goes away
 */
export async function sendCsv(
  res: Response,
  name: string,
  lines: AsyncGenerator<string>,
  reader: AbortSignal,
): Promise<undefined> {
  const [head, first] = [await lines.next(), await lines.next()];
  res.status(200).set({
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name}"`,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  try {
    for (const { done, value } of [head, first]) if (done !== true) await write(res, value, reader);
    for await (const line of lines) await write(res, line, reader);
    res.end();
  } catch (error) {
    // Whoever has gone needs no answer.
    if (!reader.aborted) throw error;
  } finally {
    await lines.return(undefined);
  }
  return undefined;
}

async function write(res: Response, text: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (text !== '' && !res.write(text)) await once(res, 'drain', { signal });
}
