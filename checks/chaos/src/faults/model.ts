import type { World } from '../parts/world.js';

/** Has the emulated model refuse every request; returns what makes it answer again. */
export async function misbehave(
  world: World,
  behaviour: 'rate-limit' | 'error-500',
): Promise<() => Promise<void>> {
  const normal = await control(world, { behaviour });
  return () => control(world, normal).then(() => {});
}

/** @returns what to send to have it as it was */
async function control(world: World, settings: object): Promise<object> {
  const url = `http://127.0.0.1:${world.links.llm.port}/control`;
  const before: unknown = await (await fetch(url)).json();
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...Object(before), ...settings }),
  });
  if (!answer.ok) throw new Error(`the emulated model refused ${JSON.stringify(settings)}: ${answer.status}`);
  return Object(before);
}
