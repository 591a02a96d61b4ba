import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError } from '@cloudemy/service';
import type { FrontendConfig } from './config.js';
import { type Stored, cookieName, cookieOf, sessionCookies, setCookie } from './cookies.js';
import { OidcSignIn, SignInRefused, errandText, readErrand } from './oidc.js';

const paths = { begin: '/session/oidc/begin', callback: '/session/oidc/callback' } as const;

/** Seconds that one may take to sign in at the provider. */
const errandSeconds = 600;

/** What of a configuration signs people in at a provider; undefined where they sign in at the backend. */
export function oidcOf(config: FrontendConfig): OidcSignIn | undefined {
  const { OIDC_ISSUER, AUTH_MODE } = config;
  if (OIDC_ISSUER === undefined || AUTH_MODE === 'off') return undefined;
  return new OidcSignIn({ ...config, OIDC_ISSUER });
}

/** A path of these pages: never another site's. */
export const ownPath = (next: string | null): string =>
  next !== null && /^\/(?![/\\])/.test(next) ? next : '/';

interface Given {
  oidc: OidcSignIn | undefined;
  /** Of this server, as the browser calls it. */
  origin: string;
  secure: boolean;
}

/**
 * Answers the two steps of signing in at a provider: the way there, and the way back.
 *
 * @returns whether it was one of them
 * @throws ProblemError where nobody signs in at a provider
 */
export async function answerOidc(req: IncomingMessage, res: ServerResponse, given: Given): Promise<boolean> {
  const url = new URL(req.url ?? '/', given.origin);
  if (url.pathname !== paths.begin && url.pathname !== paths.callback) return false;
  const { oidc, secure, origin } = given;
  if (req.method !== 'GET') {
    throw new ProblemError('method_not_allowed', { detail: 'Use GET.', headers: { Allow: 'GET' } });
  }
  if (oidc === undefined) {
    throw new ProblemError('not_found', {
      detail: 'Nobody signs in at a provider here. Set OIDC_ISSUER of the frontend, as of the services.',
    });
  }
  const cookie = cookieName(secure, 'oidc');
  if (url.pathname === paths.begin) {
    const next = ownPath(url.searchParams.get('next'));
    const begun = await oidc.begin(`${origin}${paths.callback}`, next);
    leave(res, begun.url.href, [setCookie(cookie, errandText(begun.errand), errandSeconds, secure)]);
    return true;
  }
  const forget = setCookie(cookie, '', 0, secure);
  const errand = readErrand(cookieOf(req.headers.cookie, cookie));
  if (errand === undefined) {
    // The way there was begun in another browser, or too long ago.
    leave(res, '/sign-in?refused=expired', [forget]);
    return true;
  }
  try {
    const session = await oidc.finish(url, errand);
    leave(res, ownPath(errand.next), [...sessionCookies(session, secure), forget]);
  } catch (error) {
    if (!(error instanceof SignInRefused)) throw error;
    const query = new URLSearchParams({ refused: error.code, next: errand.next });
    leave(res, `/sign-in?${query}`, [forget]);
  }
  return true;
}

/** Ends a session; the page is told where to go on, if the provider has one of its own to end. */
export async function answerOidcLogout(
  res: ServerResponse,
  { oidc, origin, secure, session }: Given & { oidc: OidcSignIn; session: Stored | undefined },
): Promise<void> {
  const elsewhere = await oidc.end(session, `${origin}/sign-in`).catch(() => undefined);
  res.writeHead(200, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Set-Cookie': sessionCookies(undefined, secure),
  });
  res.end(JSON.stringify({ continue: elsewhere ?? '/sign-in' }));
}

function leave(res: ServerResponse, location: string, cookies: string[]): void {
  res.writeHead(303, { Location: location, 'Set-Cookie': cookies, 'Cache-Control': 'no-store' }).end();
}
