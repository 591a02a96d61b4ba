import { Loop, withTimeout } from '@cloudemy/async';
import type { Health, Logger } from '@cloudemy/service';

export interface LoopOptions {
  name: string;
  /** Milliseconds between two turns; varied by a quarter, so that replicas do not march in step. */
  intervalMs: number;
  log: Logger;
  health: Health;
}

/**
 * Milliseconds that a turn may take: calls to the stores have limits of their own, far below. A turn that takes longer
 * is left, because of what has none (docs/adr/0020-connecting-to-mongodb-anew.md). Should it go on after all, two turns
 * side by side are what two replicas do all the time.
 */
const turnMs = 30_000;

/** A loop that has not turned for this long is stuck. */
const maxSilenceMs = 60_000;

/**
 * Does the work again and again until stopped. After a failing turn the next one tries again; the log says
 * when turns begin to fail and when they succeed again.
 *
 * @returns what stops the loop and waits for the turn under way
 */
export function startLoop({ name, intervalMs, log, health }: LoopOptions, work: () => Promise<unknown>) {
  const turned = health.addLoop(name, maxSilenceMs + intervalMs);
  let failing = false;
  const loop = new Loop({
    everyMs: intervalMs,
    jitter: 0.25,
    pauseFirst: true,
    run: async () => {
      await withTimeout(turnMs, `a turn of the loop ${name}`, work());
      if (failing) log.info({ loop: name }, 'turns succeed again');
      failing = false;
    },
    onError: (error) => {
      if (!failing) log.warn({ err: error, loop: name }, 'a turn failed, the next one tries again');
      failing = true;
    },
    onTurn: turned,
  }).start();
  return (): Promise<void> => loop.stop();
}
