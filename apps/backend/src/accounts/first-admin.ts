import type { Logger } from '@cloudemy/service';
import type { Users } from '../users/users.js';
import type { Credentials } from './passwords/credentials.js';

export interface FirstAdmin {
  email: string;
  password: string;
}

/**
 * Makes the administrator that the configuration names, if there is no such account. One that exists keeps its
 * password: the configuration is for the first start. Replicas that start at once make one.
 */
export async function ensureFirstAdmin(
  { email, password }: FirstAdmin,
  users: Users,
  credentials: Credentials,
  log: Logger,
): Promise<void> {
  const user = await users.findOrCreate({ email, display_name: 'Administrator', roles: ['admin'] });
  if (!user.roles.includes('admin')) {
    log.warn(
      'ADMIN_EMAIL is the address of a user who is no administrator; use create-admin to make one of them',
    );
    return;
  }
  if (!(await credentials.exists(user._id))) await credentials.set(user._id, password);
}
