import { CriterionResult, FilePart, type ReceiptFile, Rubric, maxScore } from '@cloudemy/contracts';
import { faultOf, scoreOf } from '@cloudemy/grading';
import { z } from 'zod';

const Code = z.object({ code: z.string(), files: z.array(FilePart).optional() });
const RubricPart = z.object({ rubric: Rubric });
const Judgement = z.object({ criteria: z.array(CriterionResult) });

interface ScoreCheck {
  fault?: { path: string[]; reason: string };
  from: 'from the code' | 'from the criteria' | 'no score';
}

const path = ['receipt', 'result', 'score'];

/** Whether the score follows from what the receipt discloses, by the rule that backend and runner use. */
export function scoreFault({ receipt, disclosed }: ReceiptFile): ScoreCheck {
  const { result, language } = receipt;
  if (result === null) return { from: 'no score' };
  const sum = result.criteria.reduce((all, { points }) => all + points, 0);
  if (Math.abs(sum - result.score) > 1e-6) {
    return { from: 'from the criteria', fault: { path, reason: `the criteria add up to ${sum}` } };
  }
  const code = Code.safeParse(disclosed.code?.value);
  const rubric = RubricPart.safeParse(disclosed.rubric?.value);
  const judgement = Judgement.safeParse(disclosed.judgement?.value);
  if (!code.success || !rubric.success || !judgement.success) return { from: 'from the criteria' };
  const graded = { ...code.data, language, rubric: rubric.data.rubric };
  const { criteria } = judgement.data;
  const fault = faultOf(criteria, graded.rubric);
  if (fault !== undefined) return { from: 'from the code', fault: { path, reason: fault } };
  const { score } = scoreOf(criteria, graded, result.fail_tags);
  if (score === result.score && result.max_score === maxScore(graded.rubric))
    return { from: 'from the code' };
  return { from: 'from the code', fault: { path, reason: `code, rubric and verdicts come to ${score}` } };
}
