import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than a service tells the same figures again. */
const freshMs = 1_050;

/** What a service's `/metrics` says of a figure since it was last read. */
export async function freshFigure(baseUrl: string, name: string): Promise<number> {
  await sleep(freshMs);
  const text = await (await fetch(`${baseUrl}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name}{`) || one.startsWith(`${name} `));
  if (line === undefined) throw new Error(`${baseUrl}/metrics does not tell ${name}`);
  return Number(line.slice(line.lastIndexOf(' ') + 1));
}
