import type { IncomingMessage, ServerResponse } from 'node:http';
import { Session, accountsApi, signInBodyLimit } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import { type Stored, sessionCookies } from './cookies.js';
import { stored } from './sessions.js';

/** What a page asks for, and the operation of the backend that answers with a session. */
const operations = {
  '/session/login': accountsApi.login,
  '/session/register': accountsApi.register,
  '/session/invitation': accountsApi.acceptInvitation,
  '/session/password': accountsApi.changePassword,
} as const;

/** Milliseconds: passwords are hashed slowly, on purpose. */
const timeoutMs = 20_000;

export interface SignInRequest {
  path: string;
  backendUrl: string;
  address: string;
  session: Stored | undefined;
  secure: boolean;
}

/** Whether `answerSignIn` answers this path. */
export const isSignIn = (path: string): boolean =>
  path === '/session/logout' || Object.hasOwn(operations, path);

/**
 * Signs somebody in or out. Tokens go into a cookie that no script reads; the page is told who it is.
 *
 * @throws ProblemError for what is no request of this kind
 */
export async function answerSignIn(
  req: IncomingMessage,
  res: ServerResponse,
  given: SignInRequest,
): Promise<void> {
  if (req.method !== 'POST') {
    throw new ProblemError('method_not_allowed', { detail: 'Use POST.', headers: { Allow: 'POST' } });
  }
  const { path, session, secure } = given;
  if (path === '/session/logout') {
    const body = JSON.stringify({ refresh_token: session?.refresh });
    if (session !== undefined) await ask(req, given, accountsApi.logout.path, body);
    res
      .writeHead(204, { 'Set-Cookie': sessionCookies(undefined, secure), 'Cache-Control': 'no-store' })
      .end();
    return;
  }
  const operation = new Map(Object.entries(operations)).get(path);
  if (operation === undefined) throw new ProblemError('not_found', { detail: `There is no ${path}.` });
  const answer = await ask(req, given, operation.path, await bodyOf(req));
  const text = await answer.text();
  const type = answer.headers.get('content-type') ?? 'application/json';
  if (!answer.ok) {
    const retry = answer.headers.get('retry-after');
    res.writeHead(answer.status, {
      'Content-Type': type,
      'Cache-Control': 'no-store',
      ...(retry === null ? {} : { 'Retry-After': retry }),
    });
    res.end(text);
    return;
  }
  const found = Session.parse(JSON.parse(text));
  res.writeHead(200, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Set-Cookie': sessionCookies(stored(found), secure),
  });
  res.end(JSON.stringify({ user: found.user, session_expires_at: found.session_expires_at }));
}

async function ask(
  req: IncomingMessage,
  { backendUrl, address, session }: SignInRequest,
  path: string,
  body: string,
): Promise<Response> {
  return fetch(`${backendUrl}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': address,
      'x-request-id': String(req.headers['x-request-id']),
      ...(session === undefined ? {} : { authorization: `Bearer ${session.access}` }),
    },
    body,
    signal: AbortSignal.timeout(timeoutMs),
  });
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of req) {
    const chunk = Buffer.from(part);
    bytes += chunk.length;
    if (bytes > signInBodyLimit.bytes) {
      throw new ProblemError('too_large', {
        detail: `The body may have ${signInBodyLimit.bytes} bytes at most.`,
      });
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString();
}
