export interface WorkerWatchdogOptions {
  worker: {
    readonly isRunning: boolean;
    /** Messages taken since the start. */
    readonly taken: number;
    /** Whether it would take another message if there was one. */
    readonly hasFreeHands: boolean;
  };
  /** Messages that anybody may take now; undefined while the queue does not say. */
  waiting: () => Promise<number | undefined>;
  /** The worker works, or has nothing to do. */
  turned: () => void;
}

/**
 * Tells a worker that works from one whose loop stands still while it says that it runs: there are messages to take, it
 * has hands free, and takes none from one look to the next. Nothing is held against it while Redis is away, nor when
 * what it has in hand waits for room or for an outage to end: starting again would mend neither.
 */
export class WorkerWatchdog {
  private seen = 0;

  private readonly options: WorkerWatchdogOptions;

  constructor(options: WorkerWatchdogOptions) {
    this.options = options;
  }

  /** Never throws, and ends when `waiting` does. */
  async look(): Promise<void> {
    const { worker, waiting, turned } = this.options;
    if (!worker.isRunning) return;
    const tookSome = worker.taken !== this.seen;
    this.seen = worker.taken;
    if (tookSome || !worker.hasFreeHands || ((await waiting()) ?? 0) === 0) turned();
  }
}
