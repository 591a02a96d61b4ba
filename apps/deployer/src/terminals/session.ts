import { finished } from 'node:stream/promises';
import type { ExecChannel, ExecExit } from './exec-channel.js';
import { ReplayRing } from './replay-ring.js';
import { type SessionEnd, endFor } from './session-end.js';
import type { Shell } from './shell.js';

/** Output kept for whoever comes back. */
export const replayBytes = 65_536;

/** Somebody at the terminal. All calls come from the session; none may throw. */
export interface Viewer {
  /** @returns false to be sent nothing more until it calls `resumeOutput` */
  output(chunk: Buffer): boolean;
  /** Input is taken again after `input` returned false. */
  inputDrained(): void;
  /** The session continues without this viewer; nothing follows. */
  dismissed(why: SessionEnd): void;
  /** The session is over; nothing follows. */
  ended(end: SessionEnd): void;
}

export interface SessionOptions {
  shell: Pick<Shell, 'channel' | 'firstOutput' | 'end'>;
  /** Finds out what an exit of the channel means. */
  explain: (exit: ExecExit) => Promise<SessionEnd>;
  now?: () => number;
}

/** Where a session is. From `ended` nothing leads on. */
type State =
  | { readonly kind: 'attached'; readonly viewer: Viewer }
  /** Nobody is there, since then (milliseconds since the epoch). */
  | { readonly kind: 'detached'; readonly since: number }
  | { readonly kind: 'ended'; readonly since: number; readonly end: SessionEnd };

/**
 * One shell and at most one viewer of it. While somebody is there the shell runs at their pace. While nobody
 * is, its output is read on, so that a program left alone does not stop, and the last of it is kept.
 */
export class TerminalSession {
  /** Settles when the session is over and its viewer has been told. */
  readonly ended: Promise<SessionEnd>;
  /** Settles when its shell is gone too. */
  readonly released: Promise<void>;
  readonly #channel: ExecChannel;
  readonly #ring = new ReplayRing(replayBytes);
  readonly #now: () => number;
  readonly #finish: (end: SessionEnd) => void;
  #state: State;
  #lastActiveAt: number;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor({ shell, explain, now = Date.now }: SessionOptions) {
    const { channel } = shell;
    this.#channel = channel;
    this.#now = now;
    this.#lastActiveAt = now();
    this.#state = { kind: 'detached', since: now() };
    let finish: (end: SessionEnd) => void = () => undefined;
    this.ended = new Promise((resolve) => {
      finish = resolve;
    });
    this.#finish = finish;
    this.released = this.ended.then(() => shell.end());
    this.#take(shell.firstOutput);
    channel.output.on('data', (chunk: Buffer) => this.#take(chunk));
    channel.output.on('error', () => undefined).resume();
    channel.input.on('drain', () => {
      if (this.#state.kind === 'attached') this.#state.viewer.inputDrained();
    });
    // The channel tells of a broken connection by its exit; the streams' errors say nothing more.
    channel.input.on('error', () => undefined);
    void this.#watch(explain);
  }

  /** Milliseconds since the epoch: the last input, or output that somebody was there to see. */
  get lastActiveAt(): number {
    return this.#lastActiveAt;
  }

  /** Since when nobody is attached; undefined while somebody is. */
  get detachedAt(): number | undefined {
    return this.#state.kind === 'attached' ? undefined : this.#state.since;
  }

  get connected(): boolean {
    return this.#state.kind === 'attached';
  }

  get over(): boolean {
    return this.#state.kind === 'ended';
  }

  get traffic(): { bytesIn: number; bytesOut: number } {
    return { bytesIn: this.#bytesIn, bytesOut: this.#bytesOut };
  }

  /**
   * Takes the terminal over, from whoever had it.
   *
   * @returns the last output; all that follows goes to `viewer.output`
   */
  attach(viewer: Viewer): Buffer {
    const before = this.#state;
    if (before.kind === 'ended') {
      queueMicrotask(() => viewer.ended(before.end));
      return this.#ring.read();
    }
    this.#state = { kind: 'attached', viewer };
    this.#lastActiveAt = this.#now();
    if (before.kind === 'attached') {
      before.viewer.dismissed(endFor('taken_over', 'The terminal was opened elsewhere.'));
    }
    this.#channel.output.resume();
    return this.#ring.read();
  }

  /** Sends the viewer away and waits for whoever comes next. */
  dismiss(why: SessionEnd): void {
    if (this.#state.kind !== 'attached') return;
    const { viewer } = this.#state;
    this.detach(viewer);
    viewer.dismissed(why);
  }

  /** The viewer has gone. Without effect when another one has taken over. */
  detach(viewer: Viewer): void {
    if (this.#state.kind !== 'attached' || this.#state.viewer !== viewer) return;
    this.#state = { kind: 'detached', since: this.#now() };
    this.#channel.output.resume();
  }

  /** @returns false when nothing more should come until `inputDrained`; what was given is kept and in order */
  input(bytes: Buffer): boolean {
    if (this.over || !this.#channel.input.writable) return true;
    this.#lastActiveAt = this.#now();
    this.#bytesIn += bytes.length;
    return this.#channel.input.write(bytes);
  }

  resize(cols: number, rows: number): void {
    this.#lastActiveAt = this.#now();
    if (!this.over) this.#channel.resize(cols, rows);
  }

  resumeOutput(): void {
    this.#channel.output.resume();
  }

  /** Ends it; the first reason stands. */
  end(end: SessionEnd): void {
    const before = this.#state;
    if (before.kind === 'ended') return;
    this.#state = { kind: 'ended', since: before.kind === 'detached' ? before.since : this.#now(), end };
    // What it still writes is dropped; unread it would keep the shell from ending.
    this.#channel.output.resume();
    if (before.kind === 'attached') before.viewer.ended(end);
    this.#finish(end);
  }

  #take(chunk: Buffer): void {
    if (this.over || chunk.length === 0) return;
    this.#bytesOut += chunk.length;
    this.#ring.push(chunk);
    if (this.#state.kind !== 'attached') return;
    this.#lastActiveAt = this.#now();
    if (!this.#state.viewer.output(chunk)) this.#channel.output.pause();
  }

  async #watch(explain: SessionOptions['explain']): Promise<void> {
    const [exit] = await Promise.all([
      this.#channel.exited,
      // All output first: the exit is the last thing a viewer is told.
      finished(this.#channel.output, { writable: false }).catch(() => undefined),
    ]);
    if (!this.over) this.end(await explain(exit));
  }
}
