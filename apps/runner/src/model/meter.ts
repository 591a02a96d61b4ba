import type { Metrics } from '@cloudemy/contracts';
import { type Prices, costOf } from './price.js';

interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** Adds up what an attempt costs, over all its requests, so that a failure says too what it has cost. */
export class Meter {
  private model: string | undefined;
  private usage: Usage | undefined;
  private retries = 0;
  private llmMs = 0;
  private readonly notes = new Map<string, boolean>();

  private readonly prices: Prices;

  constructor(prices: Prices) {
    this.prices = prices;
  }

  /** Times one request, answered or not. */
  async time<T>(request: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await request();
    } finally {
      this.llmMs += performance.now() - start;
    }
  }

  /** A fact beside the figures, told with them. */
  note(name: string, value: boolean): void {
    this.notes.set(name, value);
  }

  repeated(): void {
    this.retries += 1;
  }

  answered(answer: { model?: string | undefined; usage?: Usage | undefined }): void {
    this.model = answer.model ?? this.model;
    if (answer.usage === undefined) return;
    const before = this.usage ?? { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    this.usage = {
      prompt_tokens: before.prompt_tokens + answer.usage.prompt_tokens,
      completion_tokens: before.completion_tokens + answer.usage.completion_tokens,
      total_tokens: before.total_tokens + answer.usage.total_tokens,
    };
  }

  /** As of now. Times are in milliseconds; `total_ms` counts from the start of the process. */
  read(): Metrics {
    return {
      ...(this.model === undefined ? {} : { model: this.model.slice(0, 200) }),
      ...this.usage,
      ...(this.usage === undefined || this.model === undefined
        ? {}
        : { cost_usd: costOf(this.usage, this.model, this.prices) }),
      llm_ms: Math.round(this.llmMs),
      total_ms: Math.round(performance.now()),
      retries: this.retries,
      ...Object.fromEntries(this.notes),
    };
  }
}
