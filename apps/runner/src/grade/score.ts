import { type CriterionResult, type Rubric, maxScore } from '@cloudemy/contracts';
import { imitatesFrame } from '../prompt/code.js';
import type { Answer } from '../prompt/answer.js';
import { Evidence } from './evidence.js';

/** Put on a submission that tries to talk to the grader. */
export const manipulationTag = 'manipulation-suspected';

/** Put on a grade whose verdicts quote what the code does not hold: somebody should look at it. */
export const unfoundedTag = 'verdict-unfounded';

const maxReason = 4_000;

export interface Score {
  score: number;
  max_score: number;
  fail_tags: string[];
  /** In the order of the rubric. */
  criteria: CriterionResult[];
  /** Quotations that do not occur in the code, and verdicts "met" without any that does. */
  evidenceMissing: number;
  /** Text that talks to the grader: what of it the model quoted, when that occurs in the code. */
  manipulation: { suspected: boolean; quotation: string | null };
}

/** What is wrong with the list of verdicts, in words for the model; undefined when nothing is. */
export function faultOf(answer: Answer, rubric: Rubric): string | undefined {
  const ids = answer.verdicts.map(({ criterion_id }) => criterion_id);
  const missing = rubric.criteria.map(({ criterion_id }) => criterion_id).filter((id) => !ids.includes(id));
  const twice = [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
  const faults = [
    ...(missing.length === 0 ? [] : [`there is no verdict for ${missing.join(', ')}`]),
    ...(twice.length === 0 ? [] : [`there is more than one verdict for ${twice.join(', ')}`]),
  ];
  return faults.length === 0 ? undefined : faults.join('; ');
}

/**
 * Whether nothing the model quotes for what it found met is in the code: it did not judge this code, or was told
 * what to say. Verdicts without any quotation are no sign of that, as what is absent cannot be quoted.
 */
export function isUnfounded({ verdicts }: Answer, code: string): boolean {
  const evidence = new Evidence(code);
  const quoted = verdicts.filter((verdict) => verdict.met && (verdict.evidence ?? '').trim() !== '');
  return quoted.length > 0 && quoted.every((verdict) => evidence.verified(verdict.evidence) === null);
}

/** Points and tags out of verdicts: a matter of arithmetic, never of the model. Expects no `faultOf`. */
export function scoreOf(answer: Answer, rubric: Rubric, code: string): Score {
  const evidence = new Evidence(code);
  const verdicts = new Map(answer.verdicts.map((verdict) => [verdict.criterion_id, verdict]));
  const criteria = rubric.criteria.map(({ criterion_id, points }): CriterionResult => {
    const verdict = verdicts.get(criterion_id);
    const met = verdict?.met ?? false;
    return {
      criterion_id,
      met,
      points: met ? points : 0,
      max_points: points,
      reason: (verdict?.reason ?? '').slice(0, maxReason).toWellFormed(),
      evidence: evidence.verified(verdict?.evidence ?? null),
    };
  });
  const quotation = evidence.verified(answer.manipulation.quotation);
  const suspected = (answer.manipulation.suspected && quotation !== null) || imitatesFrame(code);
  const failed = rubric.criteria
    .filter((_, index) => criteria[index]?.met !== true)
    .flatMap(({ fail_tag }) => fail_tag ?? []);
  return {
    score: rounded(
      criteria.reduce((sum, { points }) => sum + points, 0),
      maxScore(rubric),
    ),
    max_score: maxScore(rubric),
    fail_tags: [
      ...new Set([
        ...failed,
        ...(suspected ? [manipulationTag] : []),
        ...(isUnfounded(answer, code) ? [unfoundedTag] : []),
      ]),
    ],
    criteria,
    evidenceMissing: criteria.filter(
      ({ criterion_id, met, evidence: found }) =>
        found === null && (met || (verdicts.get(criterion_id)?.evidence ?? null) !== null),
    ).length,
    manipulation: { suspected, quotation: suspected ? quotation : null },
  };
}

/** Sums of decimals drift (0.1 + 0.2): cut the drift, and never exceed what the rubric gives. */
function rounded(sum: number, max: number): number {
  return Math.min(Number(sum.toFixed(6)), max);
}
