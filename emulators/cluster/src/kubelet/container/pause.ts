import { setTimeout as sleep } from 'node:timers/promises';
import { timerDelay } from '../../timers.js';

/** Waits; returns early, without an error, when `signal` is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(timerDelay(ms), undefined, { signal, ref: false });
  } catch {
    // Aborted: the caller looks at the signal.
  }
}
