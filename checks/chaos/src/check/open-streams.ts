import { setTimeout as wait } from 'node:timers/promises';
import type { World } from '../parts/world.js';

const gauges = ['submission_event_streams', 'log_streams', 'terminal_sessions'];
const everyMs = 1_000;

/**
 * Waits until no replica counts a stream or terminal any more: all readers have gone.
 *
 * @param withinMs how long that may take
 * @returns what is still open then, in words
 */
export async function openStreams({ addresses }: World, withinMs: number): Promise<string[]> {
  const until = performance.now() + withinMs;
  for (;;) {
    const found = await Promise.all([...addresses].map(([name, url]) => openAt(name, url)));
    const open = found.flat();
    if (open.length === 0 || performance.now() > until) return open;
    await wait(everyMs);
  }
}

async function openAt(name: string, url: string): Promise<string[]> {
  try {
    const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) })).text();
    return gauges.flatMap((gauge) => {
      const value = Number(new RegExp(`^${gauge} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
      return value === 0 ? [] : [`${name}: ${gauge} ${value}`];
    });
  } catch (error) {
    return [`${name} does not tell its figures: ${String(error)}`];
  }
}
