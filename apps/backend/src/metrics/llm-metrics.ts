import type { Metrics as GradingMetrics } from '@cloudemy/contracts';
import type { Metrics } from '@cloudemy/service';
import { Counter, Histogram } from 'prom-client';

/**
 * What grading costs, as runners report it: they live too short to be asked.
 *
 * @returns to be told the metrics of every attempt that has ended
 */
export function llmMetrics(registry: Metrics['registry']): (metrics: GradingMetrics) => void {
  const registers = [registry];
  const tokens = new Counter({
    name: 'llm_tokens_total',
    help: 'Tokens of the model that graded, by whether they were read (prompt) or written (completion).',
    labelNames: ['model', 'kind'],
    registers,
  });
  const cost = new Counter({
    name: 'llm_cost_usd_total',
    help: 'What grading cost in US dollars, where the price of the model is known.',
    labelNames: ['model'],
    registers,
  });
  const seconds = new Histogram({
    name: 'llm_seconds',
    help: 'Time that an attempt waited for its model, all its requests together.',
    labelNames: ['model'],
    buckets: [0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 45, 60, 90, 120],
    registers,
  });
  const retries = new Counter({
    name: 'llm_retries_total',
    help: 'Requests to the model that had to be repeated.',
    registers,
  });
  return ({ model = 'unknown', prompt_tokens, completion_tokens, cost_usd, llm_ms, retries: repeated }) => {
    if (prompt_tokens !== undefined) tokens.inc({ model, kind: 'prompt' }, prompt_tokens);
    if (completion_tokens !== undefined) tokens.inc({ model, kind: 'completion' }, completion_tokens);
    if (typeof cost_usd === 'number') cost.inc({ model }, cost_usd);
    if (llm_ms !== undefined) seconds.observe({ model }, llm_ms / 1_000);
    if (repeated !== undefined) retries.inc(repeated);
  };
}
