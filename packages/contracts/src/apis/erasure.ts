import { z } from 'zod';
import { defineApi } from '../http/route.js';
import { Id } from '../primitives.js';
import { User } from '../users.js';

/** Forgetting people. */
export const erasureApi = defineApi({
  eraseUser: {
    method: 'post',
    path: '/users/{user_id}/erase',
    tag: 'Users',
    summary: 'Erase a person: name, address, what they handed in, and what was written about it',
    description:
      'Cannot be taken back. The account is emptied at once, the submissions within minutes; attempts under way are cancelled. Points, times and the figures of assignments stay, without a person. Receipts keep salted hashes and lose the salts.',
    auth: 'user',
    params: z.object({ user_id: Id }),
    responses: { 202: { description: 'Begun, now or before.', schema: User } },
    problems: ['not_found', 'conflict'],
  },
});
