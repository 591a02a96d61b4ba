import { resultWithin } from './time-limit.js';

export interface LoopOptions {
  /** Milliseconds between two turns. */
  everyMs: number;
  /** Share of the pause by which it varies to both sides, so that replicas do not march in step. */
  jitter?: number;
  /** Pauses before the first turn too. */
  pauseFirst?: boolean;
  /** One turn; after one that throws comes the next all the same. */
  run: () => Promise<unknown>;
  onError?: (error: unknown) => void;
  /** Called after every turn, failed or not. */
  onTurn?: () => void;
}

/** Does something again and again, one turn at a time, until stopped. */
export class Loop {
  private readonly stopped = new AbortController();
  private wake = Promise.withResolvers<void>();
  private running: Promise<void> | undefined;

  private readonly options: LoopOptions;

  constructor(options: LoopOptions) {
    this.options = options;
  }

  start(): this {
    this.running ??= this.loop();
    return this;
  }

  /** The next turn begins now, or right after the one under way. */
  soon(): void {
    this.wake.resolve();
  }

  /** Lets the turn under way finish. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    const { run, pauseFirst = false, onError, onTurn } = this.options;
    const { signal } = this.stopped;
    if (pauseFirst) await this.pause();
    while (!signal.aborted) {
      this.wake = Promise.withResolvers();
      try {
        await run();
      } catch (error) {
        onError?.(error);
      }
      onTurn?.();
      await this.pause();
    }
  }

  private async pause(): Promise<void> {
    const { everyMs, jitter = 0 } = this.options;
    const ms = everyMs * (1 + jitter * (2 * Math.random() - 1));
    await resultWithin(ms, this.wake.promise, this.stopped.signal);
  }
}
