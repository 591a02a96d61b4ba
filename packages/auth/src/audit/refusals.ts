import { LRUCache } from 'lru-cache';
import type { Happening } from './entry.js';

/** Milliseconds that are counted together, and the refusals in them that are kept: of one actor, and of all. */
const windowMs = 60_000;
const keptOfOne = 20;
const keptOfAll = 600;
const maxActors = 5_000;

interface Window {
  kept: number;
  /** Those that were too many: how many, and the last of them. */
  more: number;
  last: Happening;
}

/**
 * Keeps what anybody can bring about without end to a bound: of the refusals of one actor in a minute the first are
 * kept one by one, and the others as one with their number.
 */
export class Refusals {
  private endsAt: number;
  private keptInAll = 0;
  /** Of strangers that were too many to be told apart. */
  private others: Window | undefined;
  private readonly windows: LRUCache<string, Window>;
  private timer: NodeJS.Timeout | undefined;
  private readonly keep: (refusal: Happening) => void;
  private readonly now: () => number;

  /**
   * @param keep stores one
   * @param now the clock; the machine's when left out
   */
  constructor(keep: (refusal: Happening) => void, now: () => number = Date.now) {
    this.keep = keep;
    this.now = now;
    this.endsAt = now() + windowMs;
    this.windows = new LRUCache<string, Window>({
      max: maxActors,
      dispose: (window, _actor, reason) => {
        if (reason === 'evict') this.keepCount(window);
      },
    });
  }

  add(refusal: Happening): void {
    if (this.now() >= this.endsAt) this.end();
    const actor = refusal.user_id ?? refusal.address ?? '';
    const window = this.windows.get(actor) ?? { kept: 0, more: 0, last: refusal };
    if (window.kept < keptOfOne && this.keptInAll < keptOfAll) {
      this.windows.set(actor, { ...window, kept: window.kept + 1 });
      this.keptInAll += 1;
      this.keep(refusal);
      return;
    }
    if (window.kept > 0) this.windows.set(actor, { ...window, more: window.more + 1, last: refusal });
    else this.others = { kept: 0, more: (this.others?.more ?? 0) + 1, last: withoutActor(refusal) };
    this.timer ??= setTimeout(() => this.end(), windowMs).unref();
  }

  /** Ends the minute: what was only counted is kept. */
  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const window of this.windows.values()) this.keepCount(window);
    if (this.others !== undefined) this.keepCount(this.others);
    this.others = undefined;
    this.windows.clear();
    this.keptInAll = 0;
    this.endsAt = this.now() + windowMs;
  }

  private keepCount({ more, last }: Window): void {
    if (more > 0)
      this.keep({ ...last, count: more, detail: 'more within a minute; the last of them is shown' });
  }
}

const withoutActor = (refusal: Happening): Happening => ({ ...refusal, user_id: null, address: null });
