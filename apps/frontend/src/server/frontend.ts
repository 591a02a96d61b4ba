import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Health, type Logger, ProblemError, type Upgrades } from '@cloudemy/service';
import { clientAddress, proxyTest } from './client-address.js';
import type { FrontendConfig } from './config.js';
import { type Stored, readSession, sessionCookies } from './cookies.js';
import { answerHealth } from './health.js';
import { answerOidc, answerOidcLogout, oidcOf } from './oidc-routes.js';
import { OriginCheck } from './origin.js';
import { answerProblem, requestIdOf } from './problem.js';
import { type Onward, Proxy } from './proxy.js';
import { securePage } from './security.js';
import { Sessions, byBackend } from './sessions.js';
import { answerSignIn, isSignIn } from './sign-in.js';

export interface FrontendParts {
  config: FrontendConfig;
  log: Logger;
  health: Health;
  /** Answers what is a page or a part of one. */
  pages: RequestListener;
}

export interface Frontend {
  handle: RequestListener;
  upgrades: Upgrades;
  isProxy: (address: string) => boolean;
}

/** One origin: the pages, `/api` of the backend, `/bench` of the deployer, and who is signed in. */
export function createFrontend({ config, log, health, pages }: FrontendParts): Frontend {
  const origins = new OriginCheck(config);
  const oidc = oidcOf(config);
  const renew = oidc === undefined ? byBackend(config.NEXT_PUBLIC_API_BASE_URL) : oidc.renew.bind(oidc);
  const sessions = new Sessions(renew);
  const secure = config.PUBLIC_URL?.startsWith('https:') === true;
  const proxy = new Proxy((err, { service }) => log.warn({ err, service }, 'a service does not answer'));
  const onwardOf = onwardTo(config, secure);

  /** Who is signed in, and the cookie to be set when that was renewed or has ended. */
  const signedIn = async (req: IncomingMessage): Promise<{ session?: Stored; cookie?: string[] }> => {
    const known = readSession(req.headers.cookie, secure);
    origins.assertOwn(req, known !== undefined);
    if (known === undefined) return {};
    const session = await sessions.current(known);
    if (session === known) return { session };
    const cookie = sessionCookies(session, secure);
    return session === undefined ? { cookie } : { session, cookie };
  };

  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const path = (req.url ?? '/').replace(/\?.*$/, '');
    if (await answerHealth(path, health, res)) return;
    if (path.startsWith('/_next/static/')) return pages(req, res);
    const { session, cookie } = await signedIn(req);
    const signingIn = { oidc, secure, origin: ownOrigin(config, req) };
    if (path === '/session/logout' && req.method === 'POST' && oidc !== undefined) {
      return answerOidcLogout(res, { ...signingIn, oidc, session });
    }
    if (await answerOidc(req, res, signingIn)) return;
    if (isSignIn(path)) {
      const given = { path, session, secure, backendUrl: config.NEXT_PUBLIC_API_BASE_URL };
      await answerSignIn(req, res, { ...given, address: clientAddress(req, config.TRUST_PROXY) });
      return;
    }
    const onward = onwardOf(req, session);
    if (onward !== undefined) return proxy.pass(req, res, onward, cookie);
    if (cookie !== undefined) res.setHeader('Set-Cookie', cookie);
    // Pages ask the services in the name of their reader.
    if (session === undefined) delete req.headers.authorization;
    else req.headers.authorization = `Bearer ${session.access}`;
    req.headers['x-forwarded-for'] = clientAddress(req, config.TRUST_PROXY);
    req.headers['x-cloudemy-path'] = req.url;
    securePage(req, res, req.headers.host ?? '');
    res.setHeader('Cache-Control', 'private, no-store');
    pages(req, res);
  };

  const upgrade = async (req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const { session } = await signedIn(req);
    const onward = onwardOf(req, session);
    if (onward === undefined) throw new ProblemError('not_found', { detail: 'There is no WebSocket here.' });
    proxy.upgrade(req, socket, head, onward);
  };

  return {
    handle: (req, res) => {
      requestIdOf(req);
      answer(req, res).catch((error: unknown) => answerProblem(req, res, problemOf(error, log)));
    },
    upgrades: {
      accepts: (req) => req.headers.upgrade?.toLowerCase() === 'websocket',
      upgrade: (req, socket, head) => {
        requestIdOf(req);
        upgrade(req, socket, head).catch((error: unknown) => {
          const { status } = problemOf(error, log);
          socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        });
      },
    },
    isProxy: proxyTest(config.TRUST_PROXY),
  };
}

/** Where a request is passed on to, by its path; undefined for what is answered here. */
function onwardTo(config: FrontendConfig, secure: boolean) {
  const services = new Map([
    ['/api', config.NEXT_PUBLIC_API_BASE_URL],
    ['/bench', config.DEPLOYER_URL],
  ]);

  return (req: IncomingMessage, session: Stored | undefined): Onward | undefined => {
    const [, prefix = '', path = ''] = /^(\/[a-z]+)(?=[/?]|$)(.*)$/.exec(req.url ?? '') ?? [];
    const service = services.get(prefix);
    if (service === undefined) return undefined;
    if (isInternal(path)) {
      throw new ProblemError('not_found', { detail: 'This is for the services of Cloudemy alone.' });
    }
    return {
      service,
      prefix,
      path: path.startsWith('/') ? path : `/${path}`,
      address: clientAddress(req, config.TRUST_PROXY),
      host: req.headers.host ?? '',
      proto: secure ? 'https' : 'http',
      accessToken: session?.access,
    };
  };
}

/** How browsers call this server; a provider sends them back there, if it was told this address before. */
const ownOrigin = ({ PUBLIC_URL }: FrontendConfig, { headers }: IncomingMessage): string =>
  PUBLIC_URL === undefined ? `http://${headers.host ?? ''}` : new URL(PUBLIC_URL).origin;

/**
 * What services tell one another, and Prometheus. Servers differ in what they make of dots and escapes in a path: what
 * may mean such a path is taken for one.
 */
function isInternal(path: string): boolean {
  const plain = new URL(path.replace(/^[/\\]+/, '/'), 'http://service').pathname;
  return /^[/\\]*(internal|metrics)(?![\w-])/i.test(decoded(plain));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function problemOf(error: unknown, log: Logger): ProblemError {
  if (error instanceof ProblemError) return error;
  log.warn({ err: error }, 'a request could not be answered');
  return new ProblemError('unavailable', {
    detail: 'The service that knows who is signed in does not answer. Try again in a moment.',
    retryAfter: 5,
    cause: error,
  });
}
