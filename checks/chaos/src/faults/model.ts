import { setTimeout as wait } from 'node:timers/promises';
import type { World } from '../parts/world.js';

type Behaviour = 'normal' | 'rate-limit' | 'error-500' | 'wrong-key' | 'quota';

const withinMs = 90_000;
const everyMs = 500;

/** Has the emulated model refuse every request; returns what makes it answer again. */
export async function misbehave(world: World, behaviour: Behaviour): Promise<() => Promise<void>> {
  await control(world, behaviour);
  return async () => {
    // It may be away, held or out of reach just now, and must not stay as it is.
    const until = performance.now() + withinMs;
    for (;;) {
      try {
        await control(world, 'normal');
        return;
      } catch (error) {
        if (performance.now() > until) throw error;
        await wait(everyMs);
      }
    }
  };
}

async function control(world: World, behaviour: Behaviour): Promise<void> {
  const url = `http://127.0.0.1:${world.links.llm.port}/control`;
  const signal = AbortSignal.timeout(5_000);
  const before: unknown = await (await fetch(url, { signal })).json();
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...Object(before), behaviour }),
    signal,
  });
  if (!answer.ok) throw new Error(`the emulated model refused ${behaviour}: ${answer.status}`);
}
