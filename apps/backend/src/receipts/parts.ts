import { type Receipt, type ReceiptPart, receiptParts } from '@cloudemy/contracts';
import { type Part, digestOf, saltOf } from '@cloudemy/receipts';
import { partsIn } from '../files/view.js';
import { changesIn } from '../grades/history.js';
import type { StoredResult } from '../results/model.js';
import type { Snapshot, StoredSubmission } from '../submissions/model.js';

export type Parts = Record<ReceiptPart, Part>;

/** Everything about an attempt that may say something about a person, by part. */
export function partsOf(submission: StoredSubmission, result: StoredResult | null, secret: string): Parts {
  const { code, files, language, user_id, submitted_by, history } = submission;
  const graded = result?.verdict.kind === 'graded' ? result.verdict.result : null;
  const part = (name: ReceiptPart, value: unknown): Part => ({ salt: saltOf(secret, name), value });
  return {
    code: part('code', { code, language, ...(files === undefined ? {} : { files: partsIn(files) }) }),
    student: part('student', {
      user_id: String(user_id),
      submitted_by: submitted_by === undefined ? null : String(submitted_by),
    }),
    rubric: part('rubric', result?.assignment === undefined ? null : shownRubric(result.assignment)),
    judgement: part(
      'judgement',
      graded === null ? null : { feedback: graded.feedback, criteria: graded.criteria },
    ),
    transcript: part('transcript', result?.record?.transcript ?? null),
    decisions: part(
      'decisions',
      changesIn(history).map(({ seq, actor, reason }) => ({ version: seq, actor, reason })),
    ),
  };
}

/** Field by field: what is added to an assignment for graders alone does not come along by itself. */
function shownRubric({ version, title, description, rubric }: Snapshot) {
  const criteria = rubric.criteria.map((one) => ({
    criterion_id: one.criterion_id,
    title: one.title,
    description: one.description,
    points: one.points,
    ...(one.fail_tag === undefined ? {} : { fail_tag: one.fail_tag }),
  }));
  return { version, title, description, rubric: { criteria } };
}

export function digestsOf(parts: Parts): Receipt['digests'] {
  const { code, student, rubric, judgement, transcript, decisions } = parts;
  return {
    code: digestOf(code),
    student: digestOf(student),
    rubric: digestOf(rubric),
    judgement: digestOf(judgement),
    transcript: digestOf(transcript),
    decisions: digestOf(decisions),
  };
}

/** What was said to the model can hold what the teacher wrote for the grader alone. */
const withheldFromStudents: readonly ReceiptPart[] = ['transcript'];

/** The parts that a reader is shown. */
export function disclosedTo(reader: 'staff' | 'student', parts: Parts): Partial<Parts> {
  const shown = receiptParts.filter((name) => reader === 'staff' || !withheldFromStudents.includes(name));
  return Object.fromEntries(shown.map((name) => [name, parts[name]]));
}
