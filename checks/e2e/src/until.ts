import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than any wait that ends well: a real cluster pulls images and waits out back-offs. */
const patienceMs = 90_000;

/**
 * Asks again and again until there is an answer.
 *
 * @param what is waited for, in words
 * @throws Error naming it when the time is over; what `ask` throws
 */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs / 1_000} s for ${what}`);
    await sleep(100);
  }
}
