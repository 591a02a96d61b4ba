import { z } from 'zod';

const Readiness = z.object({
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
});

/** What the backend says of the parts that it needs; nothing when it does not answer. */
export async function readiness(): Promise<z.output<typeof Readiness>['checks'] | undefined> {
  const url = process.env['NEXT_PUBLIC_API_BASE_URL'] ?? 'http://backend:8000';
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000), cache: 'no-store' });
    return Readiness.safeParse(await answer.json()).data?.checks;
  } catch {
    return undefined;
  }
}
