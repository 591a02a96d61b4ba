import { z } from 'zod';

/** What the cookie holds: no script can read it. */
const Stored = z.object({
  access: z.string().min(1),
  /** Milliseconds since the epoch, by this server's clock. */
  expires: z.int(),
  refresh: z.string().min(1),
  /** When the password is asked for again. */
  ends: z.int(),
});
export type Stored = z.output<typeof Stored>;

/** `__Host-`: by this host alone, over TLS alone, for all paths. */
export const cookieName = (secure: boolean): string =>
  secure ? '__Host-cloudemy-session' : 'cloudemy-session';

/** What a request's `Cookie` header says of who is signed in; nothing when it is damaged. */
export function readSession(header: string | undefined, secure: boolean): Stored | undefined {
  const prefix = `${cookieName(secure)}=`;
  const pair = header
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(prefix));
  if (pair === undefined) return undefined;
  try {
    const text = Buffer.from(pair.slice(prefix.length), 'base64url').toString();
    return Stored.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The `Set-Cookie` that keeps a session, or with `undefined` forgets it. */
export function sessionCookie(session: Stored | undefined, secure: boolean): string {
  const value = session === undefined ? '' : Buffer.from(JSON.stringify(session)).toString('base64url');
  const seconds = session === undefined ? 0 : Math.max(0, Math.floor((session.ends - Date.now()) / 1_000));
  return [
    `${cookieName(secure)}=${value}`,
    'Path=/',
    'HttpOnly',
    // A link from a learning platform or a mail leads to a page that knows its reader.
    'SameSite=Lax',
    `Max-Age=${seconds}`,
    ...(secure ? ['Secure'] : []),
  ].join('; ');
}
