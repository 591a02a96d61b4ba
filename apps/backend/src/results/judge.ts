import { isUtf8 } from 'node:buffer';
import { FailedResult, GradedResult, type Rubric, maxScore } from '@cloudemy/contracts';
import { jsonExcess } from '@cloudemy/service';
import type { z } from 'zod';
import type { Verdict } from './model.js';

/** Bytes of a body that could not be taken which are kept to be looked at. */
const keptBytes = 64 * 1_024;
/** Values that a result may hold: criteria, metrics and all. */
const mostValues = 20_000;

/**
 * Reads the body of a callback against the rubric of its attempt. Never throws: what cannot be taken is a
 * verdict as well, with the reason and the payload.
 */
export function judge(body: Buffer, rubric: Rubric): Verdict {
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
    const outcome = FailedResult.safeParse(value);
    return outcome.success ? { kind: 'failed', result: outcome.data } : ungradable(faults(outcome.error));
  }
  const outcome = GradedResult.safeParse(value);
  if (!outcome.success) return ungradable(faults(outcome.error));
  const fault = outOfRange(outcome.data, rubric);
  return fault === undefined ? { kind: 'graded', result: outcome.data } : ungradable(fault);
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

function outOfRange(result: GradedResult, rubric: Rubric): string | undefined {
  const most = maxScore(rubric);
  if (result.score > most + tolerance) return `score: ${result.score} is more than the rubric's ${most}`;
  if (result.max_score !== undefined && Math.abs(result.max_score - most) > tolerance) {
    return `max_score: ${result.max_score} is not the rubric's ${most}`;
  }
  const points = new Map(rubric.criteria.map((criterion) => [criterion.criterion_id, criterion.points]));
  const seen = new Set<string>();
  for (const { criterion_id: id, points: given } of result.criteria) {
    const possible = points.get(id);
    if (possible === undefined) return `criteria: the rubric has no criterion ${id}`;
    if (seen.has(id)) return `criteria: ${id} is judged twice`;
    if (given > possible + tolerance) return `criteria: ${given} points for ${id}, which has ${possible}`;
    seen.add(id);
  }
  return undefined;
}
