import { z } from 'zod';
import type { Usage } from './provider.js';

/** More than any model reads or writes in one request: a figure above it is an error of the endpoint. */
const mostTokens = 100_000_000;

const tokens = z.int().min(0).max(mostTokens);

const ChatUsage = z.object({ prompt_tokens: tokens, completion_tokens: tokens, total_tokens: tokens });
const ResponsesUsage = z
  .object({ input_tokens: tokens, output_tokens: tokens, total_tokens: tokens })
  .transform(({ input_tokens, output_tokens, total_tokens }) => ({
    prompt_tokens: input_tokens,
    completion_tokens: output_tokens,
    total_tokens,
  }));

const Figures = z.object({
  model: z.string().optional().catch(undefined),
  usage: z.union([ChatUsage, ResponsesUsage]).optional().catch(undefined),
});

/** Servers leave these out, or fill them oddly: a grade must not be lost over that. */
export const figuresOf = (body: unknown): { model: string | undefined; usage: Usage | undefined } => {
  const { model, usage } = Figures.catch({}).parse(body);
  return { model, usage };
};
