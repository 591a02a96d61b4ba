import { setTimeout as wait } from 'node:timers/promises';
import type { Grade, SubmissionSummary } from '@cloudemy/contracts';

type Shown = Pick<SubmissionSummary, 'submission_id' | 'grade'>;

/** Remembers the grade in force of every submission, and finds those that were taken away or changed. */
export class GradeBook {
  /** In words; each submission once. */
  readonly faults = new Map<string, string>();
  private readonly known = new Map<string, Grade>();

  /** Nothing graded again is part of a run: a grade that is shown stays as it is. */
  note(shown: readonly Shown[]): void {
    for (const { submission_id: id, grade } of shown) {
      const before = this.known.get(id);
      if (before !== undefined && JSON.stringify(before) !== JSON.stringify(grade)) {
        this.faults.set(id, `the grade was ${JSON.stringify(before)} and is ${JSON.stringify(grade)}`);
      }
      if (grade !== null) this.known.set(id, grade);
    }
  }

  /** A database that was restored knows what it knew then. */
  forget(): void {
    this.known.clear();
  }
}

const everyMs = 1_000;

/** Looks at all submissions every second until told to end, as far as they are shown. */
export async function watchGrades(
  book: GradeBook,
  list: () => Promise<readonly Shown[]>,
  restored: () => number,
  ended: AbortSignal,
): Promise<void> {
  let known = restored();
  while (!ended.aborted) {
    const shown = await list().catch(() => []);
    if (restored() === known) book.note(shown);
    else book.forget();
    known = restored();
    await wait(everyMs);
  }
}
