import type { Counts, CriterionStatistics, GradeStatistics } from '@cloudemy/contracts';
import { type GradeHead, gradeOf } from '../grades/grade.js';
import type { SubmissionCollection } from '../submissions/model.js';
import { shareOf, standingsOf } from './walk.js';

/** Spreads the grades that count. What is held grows by a number for each student. */
export async function gradeStatistics(
  submissions: SubmissionCollection,
  assignmentId: string,
  counts: Counts,
): Promise<GradeStatistics> {
  let students = 0;
  const scores: number[] = [];
  const distribution = Array.from({ length: 10 }, () => 0);
  const criteria = new Map<string, CriterionStatistics>();
  const tags = new Map<string, number>();
  for await (const { submission } of standingsOf(submissions, assignmentId, counts, 'whole')) {
    students += 1;
    const grade = gradeOf(submission);
    if (grade === null) continue;
    scores.push(grade.score);
    const tenth = Math.min(9, Math.floor((shareOf(submission) ?? 0) * 10));
    distribution[tenth] = (distribution[tenth] ?? 0) + 1;
    for (const tag of grade.fail_tags) tags.set(tag, (tags.get(tag) ?? 0) + 1);
    countCriteria(criteria, grade);
  }
  const sorted = scores.toSorted((a, b) => a - b);
  return {
    students,
    graded: sorted.length,
    mean: sorted.length === 0 ? null : rounded(sorted.reduce((sum, one) => sum + one, 0) / sorted.length),
    median: medianOf(sorted),
    lowest: sorted[0] ?? null,
    highest: sorted.at(-1) ?? null,
    distribution,
    criteria: [...criteria.values()].map((one) => ({
      ...one,
      mean_points: rounded(one.mean_points / one.graded),
    })),
    tags: [...tags]
      .map(([tag, count]) => ({ tag, count }))
      .toSorted((a, b) => b.count - a.count || (a.tag < b.tag ? -1 : 1)),
  };
}

/** Adds up points where their mean will stand. */
function countCriteria(criteria: Map<string, CriterionStatistics>, grade: GradeHead): void {
  for (const { criterion_id: id, title, met, points, max_points: most } of grade.criteria ?? []) {
    const before = criteria.get(id) ?? {
      criterion_id: id,
      title: null,
      graded: 0,
      met: 0,
      mean_points: 0,
      max_points: 0,
    };
    criteria.set(id, {
      criterion_id: id,
      title: title ?? before.title,
      graded: before.graded + 1,
      met: before.met + Number(met),
      mean_points: before.mean_points + points,
      max_points: Math.max(before.max_points, most),
    });
  }
}

function medianOf(sorted: readonly number[]): number | null {
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? null : rounded((low + high) / 2);
}

const rounded = (points: number): number => Number(points.toFixed(4));
