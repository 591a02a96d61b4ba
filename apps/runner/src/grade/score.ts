import {
  Evidence,
  type Graded,
  type Score,
  manipulationTag,
  scoreOf as scoreByRule,
  unfoundedTag,
} from '@cloudemy/grading';
import type { RunnerRecord } from '@cloudemy/contracts';
import type { Answer } from '../prompt/answer.js';

export interface ModelScore extends Score {
  /** Quotations that do not occur in the code, and verdicts "met" without any code as evidence. */
  evidenceMissing: number;
  /** Text that talks to the grader: what of it the model quoted, when that occurs in the code. */
  manipulation: { suspected: boolean; quotation: string | null };
}

/** What a record is graded by. */
export const gradedOf = ({ code, language, files, assignment: { rubric } }: RunnerRecord): Graded => ({
  code,
  language,
  files,
  rubric,
});

/**
 * What the model should be told of its evidence, and asked again for: met criteria without code that shows them have
 * no points, and a model that quotes nothing true did not judge this code, or was told what to say. One
 * that quotes nothing at all would not when asked again either.
 */
export function evidenceFault({ verdicts }: Answer, graded: Graded): string | undefined {
  const evidence = new Evidence(graded);
  const bare = verdicts.filter((verdict) => verdict.met && !evidence.isCode(verdict.evidence));
  const quotes = verdicts.some((verdict) => (verdict.evidence ?? '').trim() !== '');
  if (bare.length === 0 || !quotes) return undefined;
  const ids = bare.map(({ criterion_id }) => criterion_id).join(', ');
  return `what it quotes as evidence for ${ids} is no code that occurs in the submission; judge the code between the marks, and copy whole lines letter by letter`;
}

/** Whether nothing the model quotes for what it found met is in the code. */
function isUnfounded({ verdicts }: Answer, graded: Graded): boolean {
  const evidence = new Evidence(graded);
  const quoted = verdicts.filter((verdict) => verdict.met && (verdict.evidence ?? '').trim() !== '');
  return quoted.length > 0 && quoted.every((verdict) => evidence.verified(verdict.evidence) === null);
}

/** Points and tags out of verdicts: a matter of arithmetic, never of the model. Expects no `faultOf`. */
export function scoreOf(answer: Answer, graded: Graded): ModelScore {
  const { suspected, quotation } = answer.manipulation;
  const score = scoreByRule(answer.verdicts, graded, [
    // A model's suspicion is shown to people as it is: it costs no points.
    ...(suspected ? [manipulationTag] : []),
    ...(isUnfounded(answer, graded) ? [unfoundedTag] : []),
  ]);
  const tagged = score.fail_tags.includes(manipulationTag);
  const verified = new Evidence(graded).verified(quotation);
  const given = new Map(answer.verdicts.map((verdict) => [verdict.criterion_id, verdict.evidence]));
  return {
    ...score,
    evidenceMissing: score.criteria.filter(
      ({ criterion_id: id, evidence }) =>
        score.withoutEvidence.includes(id) || (evidence === null && (given.get(id) ?? null) !== null),
    ).length,
    manipulation: { suspected: tagged, quotation: tagged ? verified : null },
  };
}
