import type { Grade } from '@cloudemy/contracts';
import type { FormerGrade, StoredGrade, StoredSubmission, SubmissionModel } from './model.js';
import type { SubmissionSnapshot } from './transition.js';

/** What a grade is read from; lists leave feedback and criteria out. */
export type Graded = Pick<StoredSubmission, 'status' | 'attempt' | 'max_score' | 'finished_at' | 'grade'> &
  FormerGrade & { assignment: { version: number } };

/** The grade in force, also of a submission that an earlier version has stored. */
export function gradeOf(submission: Graded): StoredGrade | null {
  const { grade, status, score, fail_tags = [], feedback = null, criteria = [] } = submission;
  if (grade !== undefined && grade !== null) return grade;
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

export function gradeView(grade: StoredGrade | null): Grade | null {
  if (grade === null) return null;
  const { attempt, assignment_version, score, max_score, graded_at } = grade;
  return { attempt, assignment_version, score, max_score, graded_at: graded_at.toISOString() };
}

/** Moves the grade of an earlier version to where it outlives the next attempt. Does nothing where it is there. */
export async function keepFormerGrade(model: SubmissionModel, current: SubmissionSnapshot): Promise<void> {
  if (current.status !== 'graded' || (current.grade !== undefined && current.grade !== null)) return;
  const { _id, seq } = current;
  const whole = await model.findOne({ _id, seq }).lean<StoredSubmission & FormerGrade>();
  const grade = whole === null ? null : gradeOf(whole);
  if (grade === null) return;
  await model.collection.updateOne(
    { _id, seq },
    { $set: { grade }, $unset: { score: '', fail_tags: '', feedback: '', criteria: '' } },
  );
}
