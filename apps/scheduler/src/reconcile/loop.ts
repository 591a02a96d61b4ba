import { setTimeout as sleep } from 'node:timers/promises';

export interface LoopOptions {
  everyMs: number;
  /** One turn; a turn that throws is followed by the next all the same. */
  run: () => Promise<void>;
  onError: (error: unknown) => void;
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

  start(): void {
    this.running ??= this.loop();
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
    const { everyMs, run, onError, onTurn } = this.options;
    const { signal } = this.stopped;
    while (!signal.aborted) {
      this.wake = Promise.withResolvers();
      try {
        await run();
      } catch (error) {
        onError(error);
      }
      onTurn?.();
      await this.pause(everyMs, signal);
    }
  }

  private async pause(ms: number, signal: AbortSignal): Promise<void> {
    const done = new AbortController();
    const timer = sleep(ms, undefined, { signal: AbortSignal.any([signal, done.signal]) }).catch(() => {});
    await Promise.race([timer, this.wake.promise]);
    done.abort();
  }
}
