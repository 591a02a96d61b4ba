import { actorOf, tellAudit } from '@cloudemy/auth';
import { type AuthInfo, type Session, type accountsApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import type { Request, Response } from 'express';
import type { Users } from '../users/users.js';
import type { Accounts } from './accounts.js';
import type { ApiKeyExchange } from './api-keys/exchange.js';
import { accountsElsewhere } from './elsewhere.js';
import type { KeyRing } from './signing/key-ring.js';

type SessionHandlers = Pick<
  Handlers<typeof accountsApi>,
  | 'getAuthInfo'
  | 'getJwks'
  | 'register'
  | 'login'
  | 'refresh'
  | 'logout'
  | 'acceptInvitation'
  | 'exchangeApiKey'
  | 'getMe'
  | 'changePassword'
>;

export interface SessionRouteParts {
  info: AuthInfo;
  users: Users;
  /** Absent where people sign in elsewhere, or not at all. */
  accounts: Accounts | undefined;
  /** Absent while authentication is off. */
  keys: KeyRing | undefined;
  exchange: ApiKeyExchange | undefined;
}

export function sessionHandlers(parts: SessionRouteParts): SessionHandlers {
  const { info, users, keys, exchange } = parts;
  const here = <T>(part: T | undefined): T => {
    if (part === undefined) throw accountsElsewhere(info.issuer ?? undefined);
    return part;
  };
  const accounts = (): Accounts => here(parts.accounts);
  const signedIn = (body: Session) => ({ status: 200 as const, headers: secret, body });
  /** Says on record who signed in. */
  const recorded = (res: Response, session: Session): Session => {
    const { user_id: id } = session.user;
    tellAudit(res, { user_id: id, object_kind: 'user', object_id: id });
    return session;
  };
  return {
    getAuthInfo: () => ({ status: 200, body: info }),
    getJwks: async () => ({
      status: 200,
      headers: { 'Cache-Control': 'public, max-age=60' },
      body: keys === undefined ? { keys: [] } : await keys.publicKeys(),
    }),
    register: async ({ req, res, body }) => ({
      status: 201,
      headers: secret,
      body: recorded(res, await accounts().register(body, addressOf(req))),
    }),
    login: async ({ req, res, body }) => {
      const onFailure = (userId: string) => tellAudit(res, { object_kind: 'user', object_id: userId });
      return signedIn(recorded(res, await accounts().login(body, addressOf(req), onFailure)));
    },
    refresh: async ({ body }) => signedIn(await accounts().refresh(body.refresh_token)),
    logout: async ({ body }) => {
      await accounts().logout(body.refresh_token);
      return { status: 204 };
    },
    acceptInvitation: async ({ req, res, body }) =>
      signedIn(recorded(res, await accounts().accept(body, addressOf(req)))),
    exchangeApiKey: async ({ body }) => ({
      status: 200,
      headers: secret,
      body: await here(exchange).exchange(body.api_key),
    }),
    getMe: async ({ res }) => {
      const { userId, roles } = actorOf(res);
      return { status: 200, body: { ...(await users.get(userId)), effective_roles: [...roles] } };
    },
    changePassword: async ({ req, res, body }) =>
      signedIn(await accounts().changePassword(actorOf(res).userId, body, addressOf(req))),
  };
}

/** What holds tokens is kept by nobody on the way (RFC 6749, section 5.1). */
const secret = { 'Cache-Control': 'no-store' };

const addressOf = (req: Request): string => req.ip ?? '';
