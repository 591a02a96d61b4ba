import { type CriterionResult, type Rubric, maxScore } from '@cloudemy/contracts';
import { Evidence } from '../code/evidence.js';
import type { Handed } from '../code/parts.js';
import { imitatesFrame } from '../code/visible.js';

/** Put on a submission that tries to talk to the grader. */
export const manipulationTag = 'manipulation-suspected';

/** Put on a grade whose verdicts quote what the code does not hold: somebody should look at it. */
export const unfoundedTag = 'verdict-unfounded';

/** Put on a grade that gives no points for a criterion said to be met, as no code was quoted that shows it. */
export const evidenceMissingTag = 'evidence-missing';

/** The tags that are no rubric's: each asks a person to look. */
export const reviewTags: readonly string[] = [manipulationTag, unfoundedTag, evidenceMissingTag];

/** Longest reason (the contract's limit). */
const maxReason = 4_000;

/** What was graded, and by what. */
export interface Graded extends Handed {
  rubric: Rubric;
}

/** What somebody decided about a criterion. `points` may be fewer than the rubric gives, and never more. */
export interface Decided {
  criterion_id: string;
  met: boolean;
  reason: string;
  evidence: string | null;
  points?: number;
}

export interface Score {
  score: number;
  max_score: number;
  fail_tags: string[];
  /** In the order of the rubric. */
  criteria: CriterionResult[];
  /** Criteria that are met without code as evidence. */
  withoutEvidence: string[];
}

/** What is wrong with the list of decisions; undefined when there is one for every criterion. */
export function faultOf(
  decided: readonly Pick<Decided, 'criterion_id'>[],
  rubric: Rubric,
): string | undefined {
  const ids = decided.map(({ criterion_id }) => criterion_id);
  const known = rubric.criteria.map(({ criterion_id }) => criterion_id);
  const list = (words: string, some: readonly string[]): string[] =>
    some.length === 0 ? [] : [`${words} ${some.slice(0, 10).join(', ')}`];
  const faults = [
    ...list(
      'there is no verdict for',
      known.filter((id) => !ids.includes(id)),
    ),
    ...list('there is more than one verdict for', [
      ...new Set(ids.filter((id, at) => ids.indexOf(id) !== at)),
    ]),
    ...list('the rubric has no criterion', [...new Set(ids.filter((id) => !known.includes(id)))]),
  ];
  return faults.length === 0 ? undefined : faults.join('; ');
}

/**
 * The one rule by which verdicts become a grade (docs/adr/0039): a criterion has points when it is met and a quotation
 * shows it in the code, at most as many as the rubric gives; the score is their sum; the tags are those of the criteria
 * that are not met, and those that ask a person to look. Expects no `faultOf`.
 *
 * @param reported tags that whoever decided put on it: those that ask a person to look are kept
 */
export function scoreOf(decided: readonly Decided[], graded: Graded, reported: readonly string[]): Score {
  const { rubric, code } = graded;
  const evidence = new Evidence(graded);
  const byId = new Map(decided.map((one) => [one.criterion_id, one]));
  const withoutEvidence: string[] = [];
  const criteria = rubric.criteria.map(({ criterion_id, title, points: most }): CriterionResult => {
    const one = byId.get(criterion_id);
    const met = one?.met ?? false;
    const quotation = evidence.find(one?.evidence ?? null);
    const shown = met && quotation?.isCode === true;
    if (met && !shown) withoutEvidence.push(criterion_id);
    return {
      criterion_id,
      met,
      points: shown ? Math.min(most, Math.max(0, one?.points ?? most)) : 0,
      max_points: most,
      reason: (one?.reason ?? '').slice(0, maxReason).toWellFormed(),
      evidence: quotation?.text ?? null,
      file: quotation?.file ?? null,
      start_line: quotation?.start_line ?? null,
      end_line: quotation?.end_line ?? null,
      title,
    };
  });
  const failed = rubric.criteria.flatMap(({ fail_tag }, at) =>
    criteria[at]?.met === true ? [] : (fail_tag ?? []),
  );
  const review = reviewTags.filter((tag) => reported.includes(tag) && tag !== evidenceMissingTag);
  return {
    score: rounded(
      criteria.reduce((sum, { points }) => sum + points, 0),
      maxScore(rubric),
    ),
    max_score: maxScore(rubric),
    fail_tags: [
      ...new Set([
        ...failed,
        ...(imitatesFrame(code) ? [manipulationTag] : []),
        ...review,
        ...(withoutEvidence.length === 0 ? [] : [evidenceMissingTag]),
      ]),
    ],
    criteria,
    withoutEvidence,
  };
}

/** Sums of decimals drift (0.1 + 0.2): cut the drift, and never exceed what the rubric gives. */
function rounded(sum: number, max: number): number {
  return Math.min(Number(sum.toFixed(6)), max);
}
