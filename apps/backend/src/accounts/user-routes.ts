import { actorOf, tellAudit } from '@cloudemy/auth';
import type { User, UserUpdate, accountsApi } from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import { type Handlers, ProblemError } from '@cloudemy/service';
import type { Users } from '../users/users.js';
import type { Accounts } from './accounts.js';
import type { ApiKeys } from './api-keys/api-keys.js';
import { accountsElsewhere } from './elsewhere.js';
import type { Sessions } from './sessions/sessions.js';

type UserHandlers = Pick<
  Handlers<typeof accountsApi>,
  | 'createUser'
  | 'listUsers'
  | 'getUser'
  | 'updateUser'
  | 'inviteUser'
  | 'listSessions'
  | 'endSession'
  | 'endSessions'
>;

export interface UserRouteParts {
  users: Users;
  /** Absent where people sign in elsewhere, or not at all. */
  accounts: Accounts | undefined;
  sessions: Sessions | undefined;
  apiKeys: ApiKeys;
  issuer: string | undefined;
}

export function userHandlers({ users, accounts, sessions, apiKeys, issuer }: UserRouteParts): UserHandlers {
  return {
    createUser: async ({ body, res }) => {
      const user = await users.create(body);
      tellAudit(res, { detail: user.roles.join(', ') });
      return { status: 201, body: user, headers: { Location: `/users/${user.user_id}` } };
    },
    listUsers: async ({ query }) => ({ status: 200, body: await users.list(query) }),
    getUser: async ({ params }) => ({ status: 200, body: await users.get(params.user_id) }),
    updateUser: async ({ params, body, res }) => {
      if (params.user_id === actorOf(res).userId) assertKeepsRights(body);
      const before = await users.get(params.user_id);
      const user = await users.update(params.user_id, body);
      tellAudit(res, { detail: changesOf(before, user) });
      // The deployer knows rights from tokens alone: those that are asked for from now on have the new ones.
      const lost = user.disabled || before.roles.some((role) => !user.roles.includes(role));
      if (lost) await sessions?.endAll(objectId(user.user_id));
      if (user.disabled) await apiKeys.revokeAll(objectId(user.user_id));
      return { status: 200, body: user };
    },
    inviteUser: async ({ params }) => {
      if (accounts === undefined) throw accountsElsewhere(issuer);
      return {
        status: 201,
        headers: { 'Cache-Control': 'no-store' },
        body: await accounts.invite(params.user_id),
      };
    },
    listSessions: async ({ params, res }) => {
      await users.get(params.user_id);
      const found = (await sessions?.of(objectId(params.user_id))) ?? [];
      const { sessionId } = actorOf(res);
      const items = found.map((session) => ({
        session_id: session._id,
        current: session._id === sessionId,
        created_at: session.created_at.toISOString(),
        last_seen_at: session.rotated_at.toISOString(),
        expires_at: session.expires_at.toISOString(),
      }));
      return { status: 200, body: { items } };
    },
    endSession: async ({ params }) => {
      await users.get(params.user_id);
      await sessions?.endOne(objectId(params.user_id), params.session_id);
      return { status: 204 };
    },
    endSessions: async ({ params, query }) => {
      await users.get(params.user_id);
      await sessions?.endAll(objectId(params.user_id));
      if (query.keep_api_keys === 'false') await apiKeys.revokeAll(objectId(params.user_id));
      return { status: 204 };
    },
  };
}

/** What of a user's rights was changed. Names are theirs. */
function changesOf(before: User, after: User): string {
  const roles =
    before.roles.join(', ') === after.roles.join(', ')
      ? []
      : [`${before.roles.join(', ')} to ${after.roles.join(', ')}`];
  const state = before.disabled === after.disabled ? [] : [after.disabled ? 'disabled' : 'enabled'];
  const name = before.display_name === after.display_name ? [] : ['display_name'];
  return [...roles, ...state, ...name].join('; ');
}

/** So there is always an administrator left: whoever makes the change. */
function assertKeepsRights({ roles, disabled }: UserUpdate): void {
  if (disabled === true || roles?.includes('admin') === false) {
    throw new ProblemError('conflict', {
      detail: 'You cannot take your own rights away. Ask another administrator to.',
    });
  }
}
