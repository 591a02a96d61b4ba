import { type RemoteAuthConfig, bearerRealm, toBackend } from '@cloudemy/auth';
import {
  type AuthInfo,
  ProblemAnswer,
  type ProblemCode,
  accountsApi,
  createClient,
  problemTable,
  type signInApi,
} from '@cloudemy/contracts';
import { type Handlers, ProblemError } from '@cloudemy/service';
import type { Request } from 'express';

const timeoutMs = 10_000;

/** What holds tokens is kept by nobody on the way (RFC 6749, section 5.1). */
const secret = { 'Cache-Control': 'no-store' };

/**
 * Signing in for who uses this service's page: the backend, which keeps the accounts, is asked on their behalf. A
 * page may call its own service without leave of another, and only one of the two has to be reachable for it.
 */
export function signInHandlers(config: RemoteAuthConfig): Handlers<typeof signInApi> {
  const { AUTH_MODE: mode, OIDC_ISSUER: issuer = null } = config;
  const backend = createClient(accountsApi, { baseUrl: config.AUTH_BACKEND_URL, timeoutMs });
  const info: AuthInfo = { mode, issuer: mode === 'off' ? null : issuer, self_registration: false };
  const assertAccounts = (): void => {
    if (mode === 'jwt' && issuer === null) return;
    throw new ProblemError('accounts_elsewhere', {
      detail:
        mode === 'off'
          ? 'Authentication is off: nobody has to sign in.'
          : `Sign in at ${issuer} and send its access token.`,
    });
  };
  /** Failures are counted by the address that tries: the backend believes it of services and of proxies it trusts. */
  const from = (req: Request, signal: AbortSignal) => ({
    signal,
    headers: toBackend(config, req.ip ?? ''),
  });
  return {
    getAuthInfo: () => ({ status: 200, body: info }),
    login: async ({ req, body, signal }) => {
      assertAccounts();
      const session = await asking(backend.login({ body }, from(req, signal)));
      return { status: 200, headers: secret, body: session };
    },
    refresh: async ({ req, body, signal }) => {
      assertAccounts();
      const session = await asking(backend.refresh({ body }, from(req, signal)));
      return { status: 200, headers: secret, body: session };
    },
    logout: async ({ req, body, signal }) => {
      assertAccounts();
      await asking(backend.logout({ body }, from(req, signal)));
      return { status: 204 };
    },
  };
}

/** What the backend refuses is refused in its own words. */
async function asking<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    const problem = cause instanceof ProblemAnswer && cause.status < 500 ? cause.problem : undefined;
    if (problem === undefined || !(cause instanceof ProblemAnswer)) throw unavailable(cause);
    const { code, detail, errors } = problem;
    if (!isKnown(code)) throw unavailable(cause);
    throw new ProblemError(code, {
      detail,
      ...(errors === undefined ? {} : { errors }),
      ...(cause.retryAfter === undefined ? {} : { retryAfter: cause.retryAfter }),
      ...(code === 'unauthenticated' ? { headers: { 'WWW-Authenticate': bearerRealm } } : {}),
      cause,
    });
  }
}

/** A backend of another version may have others. */
const isKnown = (code: string): code is ProblemCode => Object.hasOwn(problemTable, code);

const unavailable = (cause: unknown): ProblemError =>
  new ProblemError('unavailable', {
    detail: 'The service that signs people in does not answer at the moment. Try again shortly.',
    retryAfter: 2,
    cause,
  });
