import { z } from 'zod';

const Claims = z.object({ attempt: z.int().min(1) });

/**
 * The attempt a result token is for, from the payload of a JWT; undefined when the token is of another kind.
 * Not verified: it only tells which record to expect. The backend verifies what it is shown.
 */
export function attemptOf(token: string): number | undefined {
  const [, payload] = token.split('.');
  if (payload === undefined) return undefined;
  try {
    return Claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))).data?.attempt;
  } catch {
    return undefined;
  }
}
