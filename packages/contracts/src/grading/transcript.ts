import { z } from 'zod';

/** Characters of a transcript as JSON; texts beyond it are kept as their hash alone. */
export const maxTranscript = 262_144;
export const maxExchanges = 12;

/** A text that was said. Without its content where that had no room: the hash tells whether a text is the one. */
export const SaidText = z.object({
  content: z.string().nullable(),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[\w-]{43}$/),
});
export type SaidText = z.output<typeof SaidText>;

/** A request to the model and what came back. */
export const Exchange = z.object({
  model: z.string().max(200).describe('The model that was asked for.'),
  parameters: z
    .record(z.string().max(64), z.union([z.string().max(500), z.number(), z.boolean()]))
    .refine((all) => Object.keys(all).length <= 20, 'must be at most 20')
    .describe('What was asked for beside the messages.'),
  repeats: z.int().min(0).describe('So many messages are the first ones of the exchange before.'),
  messages: z.array(SaidText.extend({ role: z.string().max(20) })).max(20),
  answers: z.array(SaidText).max(10).describe('As the endpoint gave them.'),
  end: z.string().max(20),
  reported_model: z.string().max(200).nullable().describe('As the endpoint named it.'),
  total_tokens: z.int().min(0).nullable(),
});
export type Exchange = z.output<typeof Exchange>;

/** Everything that an attempt said to the model and heard from it, in order. */
export const Transcript = z
  .object({
    exchanges: z.array(Exchange).max(maxExchanges),
    left_out: z.int().min(0).describe('Exchanges beyond those.'),
  })
  .meta({ id: 'Transcript' });
export type Transcript = z.output<typeof Transcript>;
