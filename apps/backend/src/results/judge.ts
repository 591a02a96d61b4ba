import { isUtf8 } from 'node:buffer';
import { FailedResult, GradedResult, Metrics, type Rubric, maxScore } from '@cloudemy/contracts';
import { type Graded, faultOf, scoreOf } from '@cloudemy/grading';
import { jsonExcess } from '@cloudemy/service';
import type { z } from 'zod';
import { tidied } from './metrics.js';
import type { Verdict } from './model.js';

/** Bytes of a body that could not be taken which are kept to be looked at. */
const keptBytes = 64 * 1_024;
/** Values that a result may hold: criteria, metrics and all. */
const mostValues = 20_000;

/**
 * Reads the body of a callback against the rubric of its attempt and the code that was handed in. Never throws: what cannot be taken is a
 * verdict as well, with the reason and the payload.
 */
export function judge(body: Buffer, graded: Graded): Verdict {
  const ungradable = (reason: string): Verdict => ({
    kind: 'ungradable',
    reason,
    raw: body.subarray(0, keptBytes).toString('utf8'),
  });
  if (!isUtf8(body)) return ungradable('the body is not valid UTF-8');
  const excess = jsonExcess(body, mostValues);
  if (excess !== undefined) return ungradable(`the body ${excess}`);
  const value = parse(body.toString('utf8'));
  if (value === undefined) return ungradable('the body is not valid JSON');
  if (claimsFailure(value)) {
    const outcome = FailedResult.safeParse(tidied(value));
    return outcome.success ? { kind: 'failed', result: outcome.data } : ungradable(faults(outcome.error));
  }
  const outcome = GradedResult.safeParse(tidied(value));
  if (!outcome.success) return ungradable(faults(outcome.error));
  const fault = misfit(outcome.data, graded.rubric);
  return fault === undefined ? { kind: 'graded', result: computed(outcome.data, graded) } : ungradable(fault);
}

/**
 * Of what a runner says, its decisions, reasons and quotations count. All that follows from them is computed here
 * again, from the rubric and the code as they are stored: a runner that was taken over cannot add up otherwise.
 */
function computed(result: GradedResult, graded: Graded): GradedResult {
  const { score, max_score, fail_tags, criteria } = scoreOf(result.criteria, graded, result.fail_tags);
  const claimed = score === result.score ? {} : { score_claimed: result.score };
  const metrics = Metrics.parse({ ...result.metrics, ...claimed });
  return { ...result, score, max_score, fail_tags, criteria, metrics };
}

/** The attempt that a body says it is of, when it can be read. */
export function claimedAttempt(verdict: Verdict): number | undefined {
  return verdict.kind === 'ungradable' ? undefined : verdict.result.attempt;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function claimsFailure(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'status' in value && value.status === 'failed';
}

function faults(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.map(String).join('.') || 'the body'}: ${message}`)
    .join('; ');
}

/** Sums of points such as 0.1 + 0.2 come out a little above what a person would write. */
const tolerance = 1e-9;

function misfit(result: GradedResult, rubric: Rubric): string | undefined {
  const most = maxScore(rubric);
  if (result.score > most + tolerance) return `score: ${result.score} is more than the rubric's ${most}`;
  if (result.max_score !== undefined && Math.abs(result.max_score - most) > tolerance) {
    return `max_score: ${result.max_score} is not the rubric's ${most}`;
  }
  const fault = faultOf(result.criteria, rubric);
  if (fault !== undefined) return `criteria: ${fault}`;
  const points = new Map(rubric.criteria.map((criterion) => [criterion.criterion_id, criterion.points]));
  const generous = result.criteria.find(
    ({ criterion_id: id, points: given }) => given > (points.get(id) ?? 0) + tolerance,
  );
  if (generous === undefined) return undefined;
  const { criterion_id: id, points: given } = generous;
  return `criteria: ${given} points for ${id}, which has ${points.get(id) ?? 0}`;
}
