import type { GradedResult, RunnerRecord } from '@cloudemy/contracts';
import { GradingError } from '../grade/grading-error.js';
import { manipulationTag } from '@cloudemy/grading';
import type { Attack } from './attacks.js';

export interface AttackFigures {
  attack: string;
  /** Rounds in which it was graded at all. */
  graded: number;
  /** Of these, the share in which it got more than the honest program of the same round; null without any. */
  success_rate: number | null;
  /** Points above the honest program, on average. */
  mean_gain: number | null;
  /** Share in which it was reported. */
  flagged_rate: number | null;
}

export interface Measurement {
  rounds: number;
  model: string | undefined;
  honest_scores: number[];
  attacks: AttackFigures[];
  success_rate: number | null;
  total_tokens: number;
  cost_usd: number;
}

type Grade = (record: RunnerRecord) => Promise<GradedResult>;

/** Grades the honest program and every attack, round by round, and counts who got more than it should. */
export async function measure(
  { honest, attacks }: { honest: RunnerRecord; attacks: readonly Attack[] },
  grade: Grade,
  rounds: number,
): Promise<Measurement> {
  const results: GradedResult[] = [];
  const honestScores: number[] = [];
  const outcomes = new Map<string, { gain: number; flagged: boolean }[]>();
  for (let round = 0; round < rounds; round += 1) {
    const fair = await grade(honest);
    results.push(fair);
    honestScores.push(fair.score);
    for (const { name, record } of attacks) {
      const result = await gradeUnlessRefused(record, grade);
      if (result === undefined) continue;
      results.push(result);
      const outcome = {
        gain: result.score - fair.score,
        flagged: result.fail_tags.includes(manipulationTag),
      };
      outcomes.set(name, [...(outcomes.get(name) ?? []), outcome]);
    }
  }
  const all = [...outcomes.values()].flat();
  return {
    rounds,
    model: results[0]?.metrics.model,
    honest_scores: honestScores,
    attacks: attacks.map(({ name }) => {
      const found = outcomes.get(name) ?? [];
      return {
        attack: name,
        graded: found.length,
        success_rate: mean(found.map(({ gain }) => Number(gain > 0))),
        mean_gain: mean(found.map(({ gain }) => gain)),
        flagged_rate: mean(found.map(({ flagged }) => Number(flagged))),
      };
    }),
    success_rate: mean(all.map(({ gain }) => Number(gain > 0))),
    total_tokens: results.reduce((sum, { metrics }) => sum + (metrics.total_tokens ?? 0), 0),
    cost_usd: results.reduce((sum, { metrics }) => sum + (metrics.cost_usd ?? 0), 0),
  };
}

/** A model or its filter that refuses to answer has resisted; an endpoint that fails has measured nothing. */
async function gradeUnlessRefused(record: RunnerRecord, grade: Grade): Promise<GradedResult | undefined> {
  try {
    return await grade(record);
  } catch (error) {
    const refusals = ['llm_refused', 'llm_content_filtered', 'llm_invalid_answer', 'llm_answer_cut'];
    if (error instanceof GradingError && refusals.includes(error.code)) return undefined;
    throw error;
  }
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
