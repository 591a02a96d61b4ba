import type { Logger } from '../log/logger.js';

interface Step {
  name: string;
  /** May return a promise, which is awaited. */
  run: () => unknown;
}

/** Collects what must happen at the end and does it once, last started first stopped. */
export class Lifecycle {
  private readonly steps: Step[] = [];
  private stopping: Promise<boolean> | undefined;

  constructor(
    private readonly log: Logger,
    /** Milliseconds all steps together may take. */
    private readonly timeoutMs: number,
  ) {}

  /** Whether the end has begun. */
  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  /** Registers what stops a part that has just been started. */
  onStop(name: string, run: Step['run']): void {
    this.steps.push({ name, run });
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
          await step.run();
        } catch (error) {
          clean = false;
          this.log.error({ err: error, step: step.name }, 'could not stop a part cleanly');
        }
      }
    })();
    const inTime = await Promise.race([all.then(() => true), timeout(this.timeoutMs)]);
    if (!inTime) this.log.error({ timeout_ms: this.timeoutMs }, 'stopping took too long, leaving the rest');
    this.log.info('stopped');
    return clean && inTime;
  }
}

function timeout(ms: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => {
      resolve(false);
    }, ms).unref();
  });
}
