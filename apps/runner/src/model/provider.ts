import type { Dialect } from './dialect.js';
import type { Prices } from './price.js';
import type { Question } from './question.js';

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** What a model said, as far as a body holds it. */
export interface Reply {
  /** Where the answer may stand, the likeliest first. */
  texts: string[];
  /** `cut`: by the limit of tokens. `filtered`: by a content filter. */
  end: 'whole' | 'cut' | 'filtered';
  refused: boolean;
  model: string | undefined;
  usage: Usage | undefined;
}

/** An API by which models are asked. What differs between APIs is here, and nowhere else. */
export interface Provider {
  /** Below the base URL. */
  readonly path: string;
  readonly prices: Prices;
  /** What is tried first, before the endpoint has complained of anything. */
  readonly dialect: Dialect;
  /** The body of the request. */
  request(question: Question, dialect: Dialect): Record<string, unknown>;
  /** Undefined when the body is none of this API. Never throws. */
  read(body: unknown): Reply | undefined;
}
