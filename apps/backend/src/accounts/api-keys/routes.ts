import { actorOf, scopesOn, tellAudit } from '@cloudemy/auth';
import type { accountsApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import { accountsElsewhere } from '../elsewhere.js';
import type { Reauthentication } from '../reauthentication.js';
import type { ApiKeys } from './api-keys.js';

type ApiKeyHandlers = Pick<Handlers<typeof accountsApi>, 'createApiKey' | 'listApiKeys' | 'deleteApiKey'>;

/** @param reauthentication undefined while authentication is off: a key would open what is open */
export function apiKeyHandlers(
  apiKeys: ApiKeys,
  reauthentication: Reauthentication | undefined,
): ApiKeyHandlers {
  return {
    createApiKey: async ({ req, res, body: { password, ...body } }) => {
      if (reauthentication === undefined) throw accountsElsewhere(undefined);
      await reauthentication.assert(actorOf(res), password, req.ip ?? '');
      const made = await apiKeys.create(actorOf(res).userId, body);
      const { api_key_id: id, scopes } = made;
      tellAudit(res, { object_kind: 'api_key', object_id: id, detail: scopes.join(', ') });
      return { status: 201, headers: { 'Cache-Control': 'no-store' }, body: made };
    },
    listApiKeys: async ({ res, query }) => {
      const all = scopesOn(res).includes('any');
      const { userId } = actorOf(res);
      // Those of others are not there for who reaches only their own.
      if (!all && query.user_id !== undefined && query.user_id !== userId) {
        return { status: 200, body: { items: [], next_cursor: null } };
      }
      return { status: 200, body: await apiKeys.list(all ? query : { ...query, user_id: userId }) };
    },
    deleteApiKey: async ({ params }) => {
      await apiKeys.revoke(params.api_key_id);
      return { status: 204 };
    },
  };
}
