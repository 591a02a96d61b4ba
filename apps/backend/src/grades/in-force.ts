import type { GradeSource } from '@cloudemy/contracts';
import type { StoredGrade, StoredGradeStep } from '../submissions/model.js';

/** What a grade says, whoever puts it in force. */
export type GradeContent = Omit<StoredGrade, 'graded_at' | 'source' | 'seq' | 'actor' | 'reason'>;

/** Who puts it in force, by which entry of the history. */
export interface By {
  source: GradeSource;
  actor: string;
  reason: string | null;
  seq: number;
  at: Date;
}

/**
 * A grade as it comes into force, and what the history says of it. Everything that writes a grade goes through here: the
 * transition to `graded`, and `Grades` for people.
 */
export function putInForce(
  content: GradeContent,
  { source, actor, reason, seq, at }: By,
): { grade: StoredGrade; step: StoredGradeStep } {
  const { attempt, assignment_version, score, max_score, decision_id = null } = content;
  return {
    grade: { ...content, decision_id, source, actor, reason, seq, graded_at: at },
    step: { source, attempt, assignment_version, score, max_score, decision_id },
  };
}
