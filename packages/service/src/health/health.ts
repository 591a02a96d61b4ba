/** Throws or rejects when the dependency does not answer. */
export type Check = (signal: AbortSignal) => Promise<unknown>;

export interface CheckResult {
  name: string;
  ok: boolean;
  /** The service works on without it. */
  optional?: true;
  detail?: string;
}

export interface HealthOptions {
  /** Milliseconds a dependency may take to answer; 2,000 when left out. */
  checkTimeoutMs?: number;
}

/** Knows whether the work loops turn (live) and whether the dependencies answer (ready). */
export class Health {
  private readonly checks = new Map<string, { check: Check; optional: boolean }>();
  private readonly loops = new Map<string, { last: number; maxSilenceMs: number }>();
  private readonly checkTimeoutMs: number;
  private draining = false;

  constructor(options: HealthOptions = {}) {
    this.checkTimeoutMs = options.checkTimeoutMs ?? 2_000;
  }

  /** A dependency without which the service cannot do its work. */
  addDependency(name: string, check: Check): void {
    this.checks.set(name, { check, optional: false });
  }

  /** A dependency whose outage is told, but makes nobody send requests elsewhere: there it would be missing as well. */
  addOptional(name: string, check: Check): void {
    this.checks.set(name, { check, optional: true });
  }

  /** A loop that must turn at least once in `maxSilenceMs`; call the returned function on every turn. */
  addLoop(name: string, maxSilenceMs: number): () => void {
    const loop = { last: performance.now(), maxSilenceMs };
    this.loops.set(name, loop);
    return () => {
      loop.last = performance.now();
    };
  }

  /** From here on not ready: a balancer should send nothing more. */
  startDraining(): void {
    this.draining = true;
  }

  live(): CheckResult[] {
    const now = performance.now();
    return [...this.loops].map(([name, { last, maxSilenceMs }]) => {
      const silent = now - last;
      return silent <= maxSilenceMs
        ? { name, ok: true }
        : { name, ok: false, detail: `has not turned for ${Math.round(silent / 1000)} s` };
    });
  }

  async ready(): Promise<CheckResult[]> {
    const results = await Promise.all(
      [...this.checks].map(async ([name, { check, optional }]): Promise<CheckResult> => {
        const result = await this.run(name, check);
        return optional ? { ...result, optional } : result;
      }),
    );
    return this.draining ? [...results, { name: 'shutdown', ok: false, detail: 'shutting down' }] : results;
  }

  private async run(name: string, check: Check): Promise<CheckResult> {
    const signal = AbortSignal.timeout(this.checkTimeoutMs);
    const late = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error(`no answer within ${this.checkTimeoutMs} ms`));
      });
    });
    try {
      await Promise.race([check(signal), late]);
      return { name, ok: true };
    } catch (error) {
      return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
    }
  }
}
