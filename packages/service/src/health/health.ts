import { recent } from '../recent.js';

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
  /** Milliseconds that what a dependency said is told again; 500 when left out. */
  recentMs?: number;
}

/** Knows whether the work loops turn (live) and whether the dependencies answer (ready). */
export class Health {
  private readonly checks = new Map<string, () => Promise<CheckResult>>();
  private readonly loops = new Map<string, { last: number; maxSilenceMs: number }>();
  private readonly checkTimeoutMs: number;
  private readonly recentMs: number;
  private draining = false;

  constructor(options: HealthOptions = {}) {
    this.checkTimeoutMs = options.checkTimeoutMs ?? 2_000;
    this.recentMs = options.recentMs ?? 500;
  }

  /** A dependency without which the service cannot do its work. */
  addDependency(name: string, check: Check): void {
    this.checks.set(
      name,
      recent(this.recentMs, () => this.run(name, check)),
    );
  }

  /** A dependency whose outage is told, but makes nobody send requests elsewhere: there it would be missing as well. */
  addOptional(name: string, check: Check): void {
    this.checks.set(
      name,
      recent(this.recentMs, async () => ({ ...(await this.run(name, check)), optional: true })),
    );
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

  /** Asked often, it says again what the dependencies said a moment ago. */
  async ready(): Promise<CheckResult[]> {
    const results = await Promise.all([...this.checks.values()].map((check) => check()));
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
