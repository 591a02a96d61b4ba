import type { publicApi } from '@cloudemy/contracts';
import type { Handlers } from '@cloudemy/service';
import type { Users } from './users.js';

type UserHandlers = Pick<Handlers<typeof publicApi>, 'createUser' | 'listUsers' | 'getUser'>;

export function userHandlers(users: Users): UserHandlers {
  return {
    createUser: async ({ body }) => {
      const user = await users.create(body);
      return { status: 201, body: user, headers: { Location: `/users/${user.user_id}` } };
    },
    listUsers: async ({ query }) => ({ status: 200, body: await users.list(query) }),
    getUser: async ({ params }) => ({ status: 200, body: await users.get(params.user_id) }),
  };
}
