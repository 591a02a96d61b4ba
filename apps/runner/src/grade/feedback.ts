import type { Rubric } from '@cloudemy/contracts';
import type { ModelScore } from './score.js';

/** Longest feedback, in characters (the contract's limit). */
const maxLength = 50_000;
const maxSummary = 4_000;
const uncounted = 'Not counted, as the grader quoted no code that shows it; your instructor can see this.';

/** The feedback a student reads: the summary, then each criterion with its points and the reason. */
export function feedbackOf(summary: string, score: ModelScore, rubric: Rubric): string {
  const lines = rubric.criteria.map(({ title }, index) => {
    const result = score.criteria[index];
    const points = `${result?.points ?? 0}/${result?.max_points ?? 0}`;
    const reason = result?.reason.trim() ?? '';
    const bare = result !== undefined && score.withoutEvidence.includes(result.criterion_id);
    const mark = bare ? '?' : result?.met === true ? '✓' : '✗';
    const why = [reason, ...(bare ? [uncounted] : [])].join(' ').trim();
    return `${mark} ${title} (${points})${why === '' ? '' : `: ${why}`}`;
  });
  const warning = score.manipulation.suspected
    ? [
        '',
        'Part of the submission addresses the grader. It was not followed, and your instructor can see it.',
      ]
    : [];
  return [summary.trim().slice(0, maxSummary), '', ...lines, ...warning]
    .join('\n')
    .trim()
    .slice(0, maxLength)
    .toWellFormed();
}
