import {
  type AuditTrail,
  type Authenticate,
  type LimiterRedis,
  authenticateByToken,
  authenticateEveryone,
  verifyOptions,
} from '@cloudemy/auth';
import type { AuthInfo, accountsApi } from '@cloudemy/contracts';
import type { Handlers, Logger } from '@cloudemy/service';
import type { BackendConfig } from '../config.js';
import type { Stores } from '../stores.js';
import type { Users } from '../users/users.js';
import { type AccountParts, Accounts } from './accounts.js';
import { ApiKeyExchange } from './api-keys/exchange.js';
import { ApiKeys } from './api-keys/api-keys.js';
import { apiKeyHandlers } from './api-keys/routes.js';
import { CurrentRights } from './current-rights.js';
import { ensureFirstAdmin } from './first-admin.js';
import { Credentials } from './passwords/credentials.js';
import { Invitations } from './passwords/invitations.js';
import { LoginThrottle } from './passwords/throttle.js';
import { Reauthentication } from './reauthentication.js';
import { sessionHandlers } from './session-routes.js';
import { RefreshTokens } from './sessions/refresh-tokens.js';
import { Sessions } from './sessions/sessions.js';
import { AccessTokens } from './signing/access-tokens.js';
import { KeyRing } from './signing/key-ring.js';
import { SecretBox } from './signing/secret-box.js';
import { userHandlers } from './user-routes.js';

/** Who calls, and how one becomes somebody who may. */
export interface Identity {
  authenticate: Authenticate;
  handlers: Handlers<typeof accountsApi>;
  /** Absent where people sign in elsewhere, or not at all. */
  accounts: Accounts | undefined;
  /** Makes the users that must be there, when the database is. */
  prepare: () => Promise<void>;
}

export interface IdentityParts {
  config: BackendConfig;
  stores: Stores;
  users: Users;
  redis: LimiterRedis;
  audit: AuditTrail;
  log: Logger;
}

/** Puts the parts together that the configuration asks for. */
export function createIdentity(parts: IdentityParts): Identity {
  const { config, stores, users, log } = parts;
  const { AUTH_MODE: mode, AUTH_SECRET: secret, OIDC_ISSUER: issuer } = config;
  const apiKeys = new ApiKeys(stores.apiKeys, users, log);
  const info = {
    mode,
    issuer: issuer ?? null,
    self_registration: mode === 'jwt' && issuer === undefined && config.SELF_REGISTRATION,
  };
  if (mode === 'off' || secret === undefined) return everyone(users, apiKeys, { ...info, issuer: null });
  const { keys, tokens, sessions } = createSessions(parts, secret);
  const credentials = new Credentials(stores.credentials);
  // Whoever signs in elsewhere has no password here.
  const accounts =
    issuer === undefined ? createAccounts(parts, { credentials, sessions, apiKeys, tokens }) : undefined;
  const reauthentication = new Reauthentication({
    sessions,
    freshSeconds: config.REAUTHENTICATE_AFTER_S,
    confirm: accounts === undefined ? undefined : (...given) => accounts.confirm(...given),
  });
  const exchange = new ApiKeyExchange(apiKeys, tokens);
  return {
    authenticate: withCurrentRights(
      authenticateByToken(verifyOptions(config, keys.find), (key) => apiKeys.check(key)),
      new CurrentRights(users, sessions, apiKeys),
    ),
    accounts,
    handlers: {
      ...sessionHandlers({ info, users, accounts, keys, exchange }),
      ...userHandlers({ users, accounts, sessions, apiKeys, issuer }),
      ...apiKeyHandlers(apiKeys, reauthentication),
    },
    prepare: async () => {
      const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = config;
      if (email === undefined || password === undefined) return;
      await ensureFirstAdmin({ email, password }, users, credentials, log);
    },
  };
}

/** Without authentication everybody is the administrator of this machine. */
function everyone(users: Users, apiKeys: ApiKeys, info: AuthInfo): Identity {
  const nothing = { accounts: undefined, keys: undefined, exchange: undefined, sessions: undefined };
  return {
    authenticate: authenticateEveryone,
    accounts: undefined,
    handlers: {
      ...sessionHandlers({ info, users, ...nothing }),
      ...userHandlers({ users, issuer: undefined, apiKeys, ...nothing }),
      ...apiKeyHandlers(apiKeys, undefined),
    },
    prepare: () => users.ensureLocalAdmin(),
  };
}

function createSessions({ config, stores, audit }: IdentityParts, secret: string) {
  const keys = new KeyRing(stores.signingKeys, new SecretBox(secret), {
    rotationMs: config.SIGNING_KEY_ROTATION_S * 1_000,
    keepMs: (config.ACCESS_TOKEN_TTL_S + config.AUTH_CLOCK_TOLERANCE_S) * 1_000,
  });
  const tokens = new AccessTokens(keys, {
    issuer: config.AUTH_ISSUER,
    audience: config.AUTH_AUDIENCE,
    ttlSeconds: config.ACCESS_TOKEN_TTL_S,
  });
  const sessions = new Sessions(
    stores.sessions,
    new RefreshTokens(secret, config.AUTH_SECRET_PREVIOUS),
    {
      ttlMs: config.SESSION_TTL_S * 1_000,
      graceMs: config.REFRESH_GRACE_S * 1_000,
      maxPerUser: config.MAX_SESSIONS_PER_USER,
    },
    (userId) => {
      // Whether the owner or a thief was first nobody knows: it is the user's session that ended.
      const whose = { object_kind: 'user', object_id: String(userId) };
      audit.refuse({ event: 'refresh', ...whose, reason: 'unauthenticated', detail: reused });
    },
  );
  return { keys, tokens, sessions };
}

function createAccounts(
  { config, stores, users, redis }: IdentityParts,
  parts: Pick<AccountParts, 'credentials' | 'sessions' | 'apiKeys' | 'tokens'>,
): Accounts {
  const throttle = new LoginThrottle(
    {
      perPair: config.LOGIN_FAILURES,
      perAccount: config.LOGIN_FAILURES_PER_ACCOUNT,
      perAddress: config.LOGIN_FAILURES_PER_ADDRESS,
      seconds: config.LOGIN_WINDOW_S,
    },
    redis,
  );
  const invitations = new Invitations(stores.invitations, config.INVITATION_TTL_S * 1_000);
  return new Accounts({ ...parts, users, invitations, throttle, selfRegistration: config.SELF_REGISTRATION });
}

const reused = 'a refresh token was used twice: its session was ended';

const withCurrentRights =
  (authenticate: Authenticate, rights: CurrentRights): Authenticate =>
  async (authorization, fresh = false, address) =>
    rights.of(await authenticate(authorization, fresh, address), fresh);
