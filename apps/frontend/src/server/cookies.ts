import { z } from 'zod';

/** What the cookie holds: no script can read it. */
const Stored = z.object({
  access: z.string().min(1),
  /** Milliseconds since the epoch, by this server's clock. */
  expires: z.int(),
  /** Empty when a provider gave none: the session then ends with the access token. */
  refresh: z.string(),
  /** When the password is asked for again. */
  ends: z.int(),
});
export type Stored = z.output<typeof Stored>;

/** Bytes that browsers keep of one cookie with its name and attributes are 4,096 (RFC 6265, 6.1). */
const partBytes = 3_800;
/** Requests may have 16 KiB of headers (`--max-http-header-size` of Node). */
const mostParts = 3;

/** `__Host-`: by this host alone, over TLS alone, for all paths. */
export const cookieName = (secure: boolean, name = 'session'): string =>
  secure ? `__Host-cloudemy-${name}` : `cloudemy-${name}`;

/** The value of a cookie by its name. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  const pair = header
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}

/** One `Set-Cookie` that no script reads; without a value it is forgotten. */
export function setCookie(name: string, value: string, seconds: number, secure: boolean): string {
  return [
    `${name}=${value}`,
    'Path=/',
    'HttpOnly',
    // A link from a learning platform or a mail leads to a page that knows its reader.
    'SameSite=Lax',
    `Max-Age=${value === '' ? 0 : seconds}`,
    ...(secure ? ['Secure'] : []),
  ].join('; ');
}

/** `session`, `session.1`, …: tokens of some providers are larger than a cookie may be. */
const partName = (index: number, secure: boolean): string =>
  `${cookieName(secure)}${index === 0 ? '' : `.${index}`}`;

/** What a request's `Cookie` header says of who is signed in; nothing when it is damaged. */
export function readSession(header: string | undefined, secure: boolean): Stored | undefined {
  const [, count, first] = /^([1-9])\.(.*)$/.exec(cookieOf(header, partName(0, secure)) ?? '') ?? [];
  if (count === undefined) return undefined;
  const rest = Array.from({ length: Number(count) - 1 }, (_, index) =>
    cookieOf(header, partName(index + 1, secure)),
  );
  try {
    const text = Buffer.from([first, ...rest].join(''), 'base64url').toString();
    return Stored.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * The `Set-Cookie` headers that keep a session, or with `undefined` forget it.
 *
 * @throws RangeError when its tokens are larger than browsers keep
 */
export function sessionCookies(session: Stored | undefined, secure: boolean): string[] {
  if (session === undefined) return [setCookie(partName(0, secure), '', 0, secure)];
  const text = Buffer.from(JSON.stringify(session)).toString('base64url');
  const parts = text.match(new RegExp(`.{1,${partBytes}}`, 'g')) ?? [];
  if (parts.length > mostParts) {
    throw new RangeError(`tokens of ${text.length} bytes do not fit into cookies: ask for smaller ones`);
  }
  const seconds = Math.max(0, Math.floor((session.ends - Date.now()) / 1_000));
  return parts.map((part, index) =>
    setCookie(partName(index, secure), index === 0 ? `${parts.length}.${part}` : part, seconds, secure),
  );
}
