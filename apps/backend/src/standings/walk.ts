import type { Counts } from '@cloudemy/contracts';
import { objectId, projectionOf } from '@cloudemy/mongo';
import type { z } from 'zod';
import { gradeOf } from '../grades/grade.js';
import {
  FormerGrade,
  Snapshot,
  StoredGrade,
  StoredSubmission,
  type SubmissionCollection,
} from '../submissions/model.js';

const kept = StoredSubmission.pick({
  _id: true,
  user_id: true,
  status: true,
  attempt: true,
  max_score: true,
  finished_at: true,
  created_at: true,
}).extend({ assignment: Snapshot.pick({ version: true }) });

const Head = kept.extend({
  grade: StoredGrade.omit({ feedback: true, criteria: true }).nullable().optional(),
  ...FormerGrade.pick({ score: true, fail_tags: true }).shape,
});
const Whole = kept.extend({
  grade: StoredGrade.omit({ feedback: true }).nullable().optional(),
  ...FormerGrade.omit({ feedback: true }).shape,
});

/** Somebody at an assignment: what counts, and how often they handed in. */
export interface Counted {
  submission: z.output<typeof Head> | z.output<typeof Whole>;
  submissions: number;
}

/** Read from the database at a time. */
const batchSize = 200;

/**
 * Everybody who handed something in, one after the other by id, with the submission that counts. Of however many there
 * are one is held: the index on assignment and user brings what belongs together.
 *
 * @param detail `whole` reads the criteria too
 */
export async function* standingsOf(
  model: SubmissionCollection,
  assignmentId: string,
  counts: Counts,
  detail: 'head' | 'whole',
): AsyncGenerator<Counted> {
  const place = projectionOf(StoredSubmission, detail === 'head' ? Head : Whole);
  const rows = model.find<Counted['submission']>(
    { assignment_id: objectId(assignmentId) },
    { ...place, sort: { user_id: 1, _id: -1 }, batchSize },
  );
  let held: Counted | undefined;
  for await (const submission of rows) {
    if (held !== undefined && held.submission.user_id.equals(submission.user_id)) {
      held.submissions += 1;
      if (isBetter(submission, held.submission, counts)) held.submission = submission;
      continue;
    }
    if (held !== undefined) yield held;
    held = { submission, submissions: 1 };
  }
  if (held !== undefined) yield held;
}

/** Whether one counts in place of another that was handed in after it. */
function isBetter(one: Counted['submission'], other: Counted['submission'], counts: Counts): boolean {
  const [share, least] = [shareOf(one), shareOf(other)];
  if (share === undefined) return false;
  return least === undefined || (counts === 'best' && share > least);
}

/** The part of its points that a grade gives; undefined without a grade. */
export function shareOf(submission: Counted['submission']): number | undefined {
  const grade = gradeOf(submission);
  if (grade === null) return undefined;
  return grade.max_score === 0 ? 1 : grade.score / grade.max_score;
}
