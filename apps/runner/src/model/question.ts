import type { Message } from '../prompt/messages.js';

/** What is asked of a model. */
export interface Question {
  messages: readonly Message[];
  /** The JSON Schema of the answer. */
  schema: Record<string, unknown>;
  /** Tokens that the answer may take, thinking included. */
  maxTokens: number;
}
