import type { StoredGradeStep, StoredHistoryEntry } from '../submissions/model.js';

type History = readonly StoredHistoryEntry[];

/** A grade that came into force, with who put it there. */
export interface StoredChange extends StoredGradeStep {
  seq: number;
  at: Date;
  actor: string;
  reason: string | null;
}

/** What an entry put in force; null for most. */
export function stepOf(entry: StoredHistoryEntry): StoredGradeStep | null {
  if (entry.grade !== undefined) return entry.grade;
  // Stored before the grade was named here: a graded attempt always became the grade in force.
  const { status, attempt, assignment_version, score, max_score } = entry;
  if (status !== 'graded' || score === null) return null;
  return { source: 'attempt', attempt, assignment_version, score, max_score, decision_id: null };
}

/** Every grade that was in force, first to last. */
export function changesIn(history: History): StoredChange[] {
  return history.flatMap((entry) => {
    const step = stepOf(entry);
    const { seq, at, actor, reason } = entry;
    return step === null ? [] : [{ ...step, seq, at, actor, reason }];
  });
}

/** A person changed the grade; the attempt went on as if nothing were. */
export const isOnlyOfGrade = (entry: StoredHistoryEntry): boolean =>
  (stepOf(entry)?.source ?? 'attempt') !== 'attempt';

/** The entries that tell of attempts. */
export const transitionsIn = (history: History): StoredHistoryEntry[] =>
  history.filter((entry) => !isOnlyOfGrade(entry));
