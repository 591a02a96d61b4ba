import { resultWithin } from '@cloudemy/async';
import type { Logger } from '../log/logger.js';

export interface StopOptions {
  /**
   * Milliseconds after which a part that does not stop is left as it is, without that being a fault: for parts that
   * wait for something that may be gone, and lose nothing when they are left. They then cost the other parts no more
   * of the time there is.
   */
  leaveAfterMs?: number;
}

interface Step extends StopOptions {
  name: string;
  /** May return a promise, which is awaited. */
  run: () => unknown;
}

/** Collects what must happen at the end and does it once, last started first stopped. */
export class Lifecycle {
  private readonly steps: Step[] = [];
  private stopping: Promise<boolean> | undefined;

  private readonly log: Logger;
  /** Milliseconds all steps together may take. */
  private readonly timeoutMs: number;

  constructor(log: Logger, timeoutMs: number) {
    this.log = log;
    this.timeoutMs = timeoutMs;
  }

  /** Whether the end has begun. */
  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  /** Registers what stops a part that has just been started. */
  onStop(name: string, run: Step['run'], options: StopOptions = {}): void {
    this.steps.push({ name, run, ...options });
  }

  /** Runs every step even when one fails; true when all went well in time. Calling again gives the same. */
  stop(reason: string): Promise<boolean> {
    this.stopping ??= this.runSteps(reason);
    return this.stopping;
  }

  /** Stops and exits on SIGTERM and SIGINT: 0 when all went well, 1 otherwise. A second signal exits at once. */
  handleSignals(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (this.stopping !== undefined) process.exit(1);
        void this.stop(signal).then((clean) => process.exit(clean ? 0 : 1));
      });
    }
  }

  private async runSteps(reason: string): Promise<boolean> {
    this.log.info({ reason }, 'stopping');
    let clean = true;
    const all = (async () => {
      for (const step of this.steps.toReversed()) {
        try {
          await this.runStep(step);
        } catch (error) {
          clean = false;
          this.log.error({ err: error, step: step.name }, 'could not stop a part cleanly');
        }
      }
      return true;
    })();
    const inTime = (await resultWithin(this.timeoutMs, all)) === true;
    if (!inTime) this.log.error({ timeout_ms: this.timeoutMs }, 'stopping took too long, leaving the rest');
    this.log.info('stopped');
    return clean && inTime;
  }

  private async runStep({ name, run, leaveAfterMs }: Step): Promise<void> {
    const ended = Promise.resolve(run()).then(() => true);
    if ((leaveAfterMs === undefined ? await ended : await resultWithin(leaveAfterMs, ended)) === true) return;
    // It may still fail, as what it needs is closed next.
    ended.catch((error: unknown) =>
      this.log.debug({ err: error, step: name }, 'a part that was left failed'),
    );
    this.log.warn({ step: name, waited_ms: leaveAfterMs }, 'a part does not stop, leaving it');
  }
}
