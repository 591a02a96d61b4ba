import { actorOf } from '@cloudemy/auth';
import type { publicApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import type { Users } from '../users/users.js';
import type { Erasure } from './erasure.js';

export interface ErasureRouteParts {
  erasure: Erasure;
  users: Users;
}

export function erasureHandlers({
  erasure,
  users,
}: ErasureRouteParts): Pick<Handlers<typeof publicApi>, 'eraseUser'> {
  return {
    eraseUser: async ({ params: { user_id: id }, res }) => {
      await erasure.begin(id, actorOf(res).userId);
      return { status: 202, body: await users.get(id) };
    },
  };
}
