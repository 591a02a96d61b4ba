import { APIError } from 'openai/core/error';
import type { Message } from '../prompt/messages.js';
import { schemaInWords } from '../prompt/messages.js';

/** What of OpenAI's API an endpoint or model turned out to understand. */
export interface Dialect {
  structure: 'json_schema' | 'json_object';
  limit: 'max_completion_tokens' | 'max_tokens';
  temperature: boolean;
}

export const fullDialect: Dialect = {
  structure: 'json_schema',
  limit: 'max_completion_tokens',
  temperature: true,
};

/**
 * The dialect to try next after a 400 that names a parameter we can do without; undefined when there is none.
 * Each step is taken once at most, so a stubborn endpoint is asked four times and no more.
 */
export function simplerDialect(error: unknown, dialect: Dialect): Dialect | undefined {
  if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return undefined;
  const said = `${error.param ?? ''} ${error.message}`;
  if (dialect.structure === 'json_schema' && /response_format|json_schema|structured/i.test(said)) {
    return { ...dialect, structure: 'json_object' };
  }
  if (dialect.limit === 'max_completion_tokens' && said.includes('max_completion_tokens')) {
    return { ...dialect, limit: 'max_tokens' };
  }
  return dialect.temperature && said.includes('temperature') ? { ...dialect, temperature: false } : undefined;
}

export interface Settings {
  model: string;
  temperature: number;
  maxTokens: number;
}

/** The body of a chat completion in a dialect. */
export function requestBody(
  messages: readonly Message[],
  schema: Record<string, unknown>,
  settings: Settings,
  dialect: Dialect,
) {
  const inWords = dialect.structure === 'json_object';
  return {
    model: settings.model,
    messages: inWords ? [...messages, schemaInWords(schema)] : [...messages],
    response_format: inWords
      ? { type: 'json_object' as const }
      : { type: 'json_schema' as const, json_schema: { name: 'verdict', strict: true, schema } },
    [dialect.limit]: settings.maxTokens,
    ...(dialect.temperature ? { temperature: settings.temperature } : {}),
  };
}
