import { authEnv } from '@cloudemy/auth';
import { NewPassword } from '@cloudemy/contracts';
import { ConfigError, count, flag } from '@cloudemy/service';
import { z } from 'zod';

const secret = z.string().min(32, 'must have at least 32 characters');
const day = 86_400;

/** Variables about who signs in, and how. */
export const accountEnv = {
  ...authEnv,
  /** Seals the keys that sign access tokens, and makes refresh tokens. Needed with AUTH_MODE=jwt. */
  AUTH_SECRET: secret.optional(),
  /** Refresh tokens made with it are still taken while AUTH_SECRET is being rotated. */
  AUTH_SECRET_PREVIOUS: secret.optional(),
  ACCESS_TOKEN_TTL_S: count.max(3_600).default(300),
  /** After signing in; then it takes the password again. */
  SESSION_TTL_S: count.default(30 * day),
  MAX_SESSIONS_PER_USER: count.default(50),
  /** How long after signing in an API key may be made without the password again. */
  REAUTHENTICATE_AFTER_S: count.default(300),
  /** How long a refresh token may be used once more, by whoever did not get the answer. 0: not at all. */
  REFRESH_GRACE_S: z.coerce.number('must be a number').int().min(0).max(60).default(10),
  SIGNING_KEY_ROTATION_S: count.default(7 * day),
  INVITATION_TTL_S: count.default(3 * day),
  /** Whether people make accounts for themselves, as students. */
  SELF_REGISTRATION: flag.default(false),
  /** The first administrator, made at the start if there is no such account. */
  ADMIN_EMAIL: z.email('must be an e-mail address').toLowerCase().optional(),
  ADMIN_PASSWORD: NewPassword.optional(),
  /** Failed sign-ins in a window: by account and address, by account, and by address. */
  LOGIN_FAILURES: count.default(10),
  LOGIN_FAILURES_PER_ACCOUNT: count.default(50),
  LOGIN_FAILURES_PER_ADDRESS: count.default(100),
  LOGIN_WINDOW_S: count.default(900),
};

const AccountEnv = z.object(accountEnv);
export type AccountConfig = Readonly<z.output<typeof AccountEnv>>;

/** @throws ConfigError when variables do not go together */
export function checkAccountConfig(config: AccountConfig & { AUTH_MODE: string }): void {
  if (config.AUTH_MODE === 'jwt' && config.AUTH_SECRET === undefined) {
    throw new ConfigError(
      'AUTH_SECRET: is not set. AUTH_MODE=jwt needs it, at least 32 random characters, the same for every replica.',
    );
  }
  if ((config.ADMIN_EMAIL === undefined) !== (config.ADMIN_PASSWORD === undefined)) {
    throw new ConfigError('ADMIN_EMAIL, ADMIN_PASSWORD: set both or neither.');
  }
}
