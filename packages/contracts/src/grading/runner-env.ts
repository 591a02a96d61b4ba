import { z } from 'zod';
import { Id, Traceparent } from '../primitives.js';
import { RecordKey } from './runner-record.js';

const milliseconds = z.coerce.number().int().min(1);

/** Environment of the runner: what the scheduler puts into the Job and the runner reads. */
export const RunnerEnv = z.object({
  SUBMISSION_ID: Id,
  REDIS_URL: z.url(),
  BACKEND_INTERNAL_URL: z.url(),
  INTERNAL_RESULT_TOKEN: z.string().min(1),
  RECORD_KEY: RecordKey.optional().describe(
    'Opens the record in Redis. Without one the submission is loaded from the backend.',
  ),
  LLM_API_KEY: z.string().min(1),
  LLM_MODEL: z.string().min(1).default('gpt-4o-mini'),
  LLM_BASE_URL: z.url().optional().describe("Any server that speaks OpenAI's API; OpenAI itself when unset."),
  LLM_API: z
    .enum(['chat', 'responses', 'plain'])
    .default('chat')
    .describe('What is spoken at LLM_BASE_URL: chat completions, the Responses API, or plain HTTP.'),
  LLM_CA: z
    .string()
    .max(32_768)
    .regex(/-----BEGIN CERTIFICATE-----/, 'must hold certificates in PEM')
    .optional()
    .describe('Certificates, in PEM, of authorities that are trusted besides the usual ones.'),
  HTTP_PROXY: z.string().max(2_000).optional().describe('How HTTP leaves the cluster.'),
  HTTPS_PROXY: z.string().max(2_000).optional(),
  NO_PROXY: z.string().max(10_000).optional().describe('Hosts that are reached directly.'),
  NODE_USE_ENV_PROXY: z.string().optional().describe('Makes Node heed the three.'),
  LLM_TIMEOUT_MS: milliseconds.default(45_000).describe('For one request to the model.'),
  LLM_MAX_RETRIES: z.coerce.number().int().min(0).max(10).default(2),
  LLM_TEMPERATURE: z.coerce.number().min(0).max(2).default(0),
  LLM_MAX_TOKENS: z.coerce.number().int().min(1).default(4_096).describe('Of the answer.'),
  LLM_PRICE_INPUT: z.coerce.number().min(0).optional().describe('US dollars for a million prompt tokens.'),
  LLM_PRICE_OUTPUT: z.coerce.number().min(0).optional().describe('US dollars for a million answer tokens.'),
  RESULT_RETRIES: z.coerce.number().int().min(0).max(20).default(2).describe('Of the callback.'),
  RUNNER_BUDGET_MS: milliseconds
    .default(100_000)
    .describe(
      "For the whole run. Below the Job's activeDeadlineSeconds, so that a failure is still reported.",
    ),
  REQUEST_ID: z.string().optional(),
  TRACEPARENT: Traceparent.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional().describe('Where traces go; nothing is traced when unset.'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});
export type RunnerEnv = z.output<typeof RunnerEnv>;
