import type { Supervised } from '@cloudemy/emulator-stack';
import { setTimeout as wait } from 'node:timers/promises';

type Process = Pick<Supervised, 'pid' | 'exited' | 'kill' | 'stop'>;

/** Milliseconds that a part told to end may take. */
const stopGraceMs = 30_000;
const relaunchMs = 250;
/** A busy machine may keep a part from being ready in time. */
const firstTries = 3;

/** A process of the stack that is ended, held and started again, as an orchestrator would. */
export class Restartable {
  private running: Process | undefined;
  private starting: Promise<void> | undefined;
  private closed = false;
  private stood = false;

  readonly name: string;
  private readonly launch: () => Promise<Process>;
  private readonly onCrash: (name: string) => void;

  /**
   * @param launch starts it and resolves when it is ready
   * @param onCrash it has ended, and not by us
   */
  constructor(name: string, launch: () => Promise<Process>, onCrash: (name: string) => void) {
    this.name = name;
    this.launch = launch;
    this.onCrash = onCrash;
  }

  /**
   * Starts it unless it runs: a second one would share its files, and half of its clients would stay with the first.
   * Once it has stood, it is tried again and again until it does, as what it needs may be away as well.
   *
   * @throws what kept it from ever standing
   */
  start(): Promise<void> {
    if (this.running !== undefined) return Promise.resolve();
    this.starting ??= this.startUntilItStands().finally(() => {
      this.starting = undefined;
    });
    return this.starting;
  }

  /** Resolves when no start is under way. */
  get standing(): Promise<void> {
    return this.starting ?? Promise.resolve();
  }

  /** What runs, if anything does. */
  get process(): Process | undefined {
    return this.running;
  }

  /**
   * SIGKILL, then what is done while it is away, then it starts. Whoever starts it meanwhile waits for that.
   *
   * @returns whether there was something to end
   */
  async replace(work: () => Promise<void>): Promise<boolean> {
    const process = await this.take();
    if (process === undefined) return false;
    const done = async (): Promise<void> => {
      process.kill('SIGKILL');
      await process.exited;
      await work();
      await this.startUntilItStands();
    };
    // Before anything is awaited, or a start that comes in between would be another one.
    this.starting = done().finally(() => {
      this.starting = undefined;
    });
    await this.starting;
    return true;
  }

  /** SIGKILL. @returns whether there was something to end */
  async kill(): Promise<boolean> {
    const process = await this.take();
    process?.kill('SIGKILL');
    await process?.exited;
    return process !== undefined;
  }

  /** SIGTERM; resolves when it has ended. @returns whether there was something to end */
  async stop(): Promise<boolean> {
    const process = await this.take();
    await process?.stop(stopGraceMs);
    return process !== undefined;
  }

  /**
   * SIGSTOP.
   *
   * @returns what lets this very process go on (SIGCONT), also when it is told to end meanwhile; undefined when there
   *   is none
   */
  async pause(): Promise<(() => void) | undefined> {
    await this.starting;
    const process = this.running;
    process?.kill('SIGSTOP');
    return process && (() => process.kill('SIGCONT'));
  }

  /** Ends it for good, and at once. */
  async close(): Promise<void> {
    this.closed = true;
    await this.starting?.catch(() => {});
    await this.kill();
  }

  /** The process, which is then no longer expected to live. */
  private async take(): Promise<Process | undefined> {
    await this.starting;
    const process = this.running;
    this.running = undefined;
    return process;
  }

  private async startUntilItStands(): Promise<void> {
    for (let tried = 1; !this.closed; tried += 1) {
      try {
        const process = await this.launch();
        this.running = process;
        this.stood = true;
        void process.exited.then(() => this.ended(process));
        return;
      } catch (error) {
        if (!this.stood && tried === firstTries) throw error;
        await wait(relaunchMs);
      }
    }
  }

  private ended(process: Process): void {
    if (this.running !== process || this.closed) return;
    this.running = undefined;
    this.onCrash(this.name);
    void this.start();
  }
}
