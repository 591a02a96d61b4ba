import type { RunnerEnv } from '@cloudemy/contracts';

/** US dollars for a million tokens. */
interface Price {
  input: number;
  output: number;
}

export interface Prices {
  /** Set by the operator: counts for whatever model answers. */
  own: Price | undefined;
  /** Whether the built-in table counts: it knows OpenAI's own endpoint only. */
  openai: boolean;
}

export type PriceEnv = Pick<RunnerEnv, 'LLM_BASE_URL'> &
  Partial<Pick<RunnerEnv, 'LLM_PRICE_INPUT' | 'LLM_PRICE_OUTPUT'>>;

/** The operator's prices count for whatever answers; the table's for OpenAI's own endpoint only. */
export function pricesOf({
  LLM_PRICE_INPUT: input,
  LLM_PRICE_OUTPUT: output,
  LLM_BASE_URL,
}: PriceEnv): Prices {
  return {
    own: input === undefined || output === undefined ? undefined : { input, output },
    openai: LLM_BASE_URL === undefined || new URL(LLM_BASE_URL).hostname === 'api.openai.com',
  };
}

/** https://openai.com/api/pricing, standard tier.. */
const table: readonly (readonly [string, Price])[] = [
  ['gpt-4o-mini', { input: 0.15, output: 0.6 }],
  ['gpt-4o', { input: 2.5, output: 10 }],
  ['gpt-4.1-nano', { input: 0.1, output: 0.4 }],
  ['gpt-4.1-mini', { input: 0.4, output: 1.6 }],
  ['gpt-4.1', { input: 2, output: 8 }],
  ['o4-mini', { input: 1.1, output: 4.4 }],
];

/** US dollars; null when the price is unknown. */
export function costOf(
  usage: { prompt_tokens: number; completion_tokens: number },
  model: string,
  prices: Prices,
): number | null {
  const price = prices.own ?? listPrice(model, prices);
  if (price === undefined) return null;
  const dollars = (usage.prompt_tokens * price.input + usage.completion_tokens * price.output) / 1_000_000;
  // To a millionth of a cent: floating point would show more digits than there are.
  return Number(dollars.toFixed(8));
}

function listPrice(model: string, { openai }: Prices): Price | undefined {
  if (!openai) return undefined;
  // `gpt-4o-mini-2024-07-18` is `gpt-4o-mini`; `gpt-4o-mini-audio` is another product.
  const name = model.replace(/-\d{4}-\d{2}-\d{2}$/, '');
  return table.find(([known]) => known === name)?.[1];
}
