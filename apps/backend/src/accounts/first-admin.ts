import { ConfigError, type Logger } from '@cloudemy/service';
import type { Types } from 'mongoose';
import type { Users } from '../users/users.js';
import type { Credentials } from './passwords/credentials.js';
import { isGuessable } from './passwords/guessable.js';

export interface Admin {
  email: string;
  password: string;
}

/**
 * Makes the administrator that the configuration names, if there is no such account. One that exists keeps its
 * password: the configuration is for the first start. Replicas that start at once make one.
 *
 * @throws ConfigError for a password that is guessed first
 */
export async function ensureFirstAdmin(
  { email, password }: Admin,
  users: Users,
  credentials: Credentials,
  log: Logger,
): Promise<void> {
  const user = await users.findOrCreate({ email, display_name: 'Administrator', roles: ['admin'] });
  if (!user.roles.includes('admin')) {
    log.warn('ADMIN_EMAIL is the address of a user who is no administrator; create-admin makes one of them');
    return;
  }
  if (await credentials.exists(user._id)) return;
  await refuseGuessableAdmin({ email, password });
  await credentials.set(user._id, password);
}

/**
 * Makes an administrator of whoever has this address, and sets the password.
 *
 * @returns the user's id
 */
export async function makeAdmin(
  { email, password }: Admin,
  users: Users,
  credentials: Credentials,
): Promise<Types.ObjectId> {
  const user = await users.findOrCreate({ email, display_name: 'Administrator', roles: ['admin'] });
  const roles = user.roles.includes('admin') ? user.roles : [...user.roles, 'admin' as const];
  await users.update(String(user._id), { roles, disabled: false });
  await credentials.set(user._id, password);
  return user._id;
}

/** @throws ConfigError for a password that is guessed first */
export async function refuseGuessableAdmin({ email, password }: Admin): Promise<void> {
  if (await isGuessable(password, [email])) {
    throw new ConfigError(
      'ADMIN_PASSWORD: is one of the passwords that are guessed first. Take several words.',
    );
  }
}
