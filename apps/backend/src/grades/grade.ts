import type { Grade } from '@cloudemy/contracts';
import type {
  FormerGrade,
  StoredGrade,
  StoredSubmission,
  SubmissionCollection,
} from '../submissions/model.js';
import type { SubmissionSnapshot } from '../submissions/transition.js';

/** A grade; lists leave feedback and criteria out. */
export type GradeHead = Omit<StoredGrade, 'feedback' | 'criteria'> &
  Partial<Pick<StoredGrade, 'feedback' | 'criteria'>>;

/** What a grade is read from. */
export type Graded = Pick<StoredSubmission, 'status' | 'attempt' | 'max_score' | 'finished_at'> &
  FormerGrade & { assignment: { version: number }; grade?: GradeHead | null | undefined };

/** The grade in force, also of a submission that an earlier version has stored. */
export function gradeOf(submission: Graded): GradeHead | null {
  return submission.grade ?? formerGradeOf(submission);
}

function formerGradeOf(submission: Graded): StoredGrade | null {
  const { status, score, fail_tags = [], feedback = null, criteria = [] } = submission;
  if (status !== 'graded' || score === undefined || score === null) return null;
  return {
    attempt: submission.attempt,
    assignment_version: submission.assignment.version,
    score,
    max_score: submission.max_score,
    fail_tags,
    feedback,
    criteria,
    graded_at: submission.finished_at ?? new Date(0),
  };
}

export function gradeView(grade: GradeHead | null): Grade | null {
  if (grade === null) return null;
  const { attempt, assignment_version, score, max_score, graded_at } = grade;
  // Grades of earlier versions are the grader's, and were never changed by a person.
  const { source = 'attempt', actor = 'runner', reason = null, seq: version = 1 } = grade;
  return {
    source,
    attempt,
    assignment_version,
    score,
    max_score,
    actor,
    reason,
    version,
    graded_at: graded_at.toISOString(),
  };
}

const formerFields = { score: '', fail_tags: '', feedback: '', criteria: '' } as const;

/** Moves the grade of an earlier version to where it outlives the next attempt. Does nothing where it is there. */
export async function keepFormerGrade(
  model: SubmissionCollection,
  current: SubmissionSnapshot,
): Promise<void> {
  if (current.status !== 'graded' || (current.grade !== undefined && current.grade !== null)) return;
  const { _id, seq } = current;
  const whole = await model.findOne<StoredSubmission & FormerGrade>({ _id, seq });
  const grade = whole === null ? null : formerGradeOf(whole);
  if (grade === null) return;
  await model.updateOne({ _id, seq }, { $set: { grade }, $unset: formerFields });
}
