import { bearerRealm, invalidCredentials } from '@cloudemy/auth';
import type {
  Invitation,
  InvitationAcceptance,
  LoginRequest,
  PasswordChange,
  RegisterRequest,
  Session,
} from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import { ProblemError, notFound } from '@cloudemy/service';
import type { Types } from 'mongoose';
import type { StoredUser } from '../users/model.js';
import { type Users, userView } from '../users/users.js';
import type { ApiKeys } from './api-keys/api-keys.js';
import type { Credentials } from './passwords/credentials.js';
import { refuseGuessable } from './passwords/guessable.js';
import type { Invitations } from './passwords/invitations.js';
import type { LoginThrottle } from './passwords/throttle.js';
import type { LiveSession, Sessions } from './sessions/sessions.js';
import type { AccessTokens } from './signing/access-tokens.js';

export interface AccountParts {
  users: Users;
  credentials: Credentials;
  invitations: Invitations;
  sessions: Sessions;
  apiKeys: Pick<ApiKeys, 'revokeAll'>;
  tokens: AccessTokens;
  throttle: LoginThrottle;
  selfRegistration: boolean;
}

/** Signing in with e-mail and password. */
export class Accounts {
  private readonly parts: AccountParts;

  constructor(parts: AccountParts) {
    this.parts = parts;
  }

  /**
   * @param onFailure is told whose account it is that somebody failed to sign in to
   * @throws ProblemError `unauthenticated`, the same whether there is an account or not; `rate_limited`
   */
  async login(
    { email, password }: LoginRequest,
    address: string,
    onFailure: (userId: string) => void = () => undefined,
  ): Promise<Session> {
    const user = await this.attempt(email, password, address);
    if (user === undefined) {
      // Never the address itself: people type passwords into the wrong field.
      const tried = await this.parts.users.findByEmail(email);
      if (tried !== null) onFailure(String(tried._id));
      throw wrongPassword();
    }
    await this.parts.credentials.remember(user._id, address);
    return this.signIn(user);
  }

  /** @throws ProblemError `forbidden` where it is switched off, `conflict`, `rate_limited` */
  async register({ password, ...profile }: RegisterRequest, address: string): Promise<Session> {
    if (!this.parts.selfRegistration) {
      throw new ProblemError('forbidden', {
        detail: 'Accounts are made by an administrator here. Ask for an invitation.',
      });
    }
    // Whether an address is taken shows, as it must where no mail is sent: it is counted like a try to sign in.
    await this.parts.throttle.countAddress(address);
    await refuseGuessable(password, 'password', [profile.email, profile.display_name]);
    const { user_id: id } = await this.parts.users.create({ ...profile, roles: ['student'] });
    await this.parts.credentials.set(objectId(id), password);
    await this.parts.credentials.remember(objectId(id), address);
    return this.signIn(await this.mustFind(objectId(id)));
  }

  /** @throws ProblemError `unauthenticated` */
  async refresh(refreshToken: string): Promise<Session> {
    const session = await this.parts.sessions.exchange(refreshToken);
    const user = session === undefined ? null : await this.parts.users.find(session.userId);
    if (session === undefined || user === null || user.disabled === true) {
      throw invalidCredentials('has ended or was used before');
    }
    return this.answer(user, session);
  }

  logout(refreshToken: string): Promise<void> {
    return this.parts.sessions.end(refreshToken);
  }

  /** @throws ProblemError `unauthenticated` for an invitation that is void, `rate_limited` */
  async accept(acceptance: InvitationAcceptance, address: string): Promise<Session> {
    const { invitation, password, keep_api_keys: keepKeys } = acceptance;
    await this.parts.throttle.countAddress(address);
    // Before the invitation is used up.
    await refuseGuessable(password, 'password', []);
    const userId = await this.parts.invitations.take(invitation);
    const user = userId === undefined ? null : await this.parts.users.find(userId);
    if (user === null || user.disabled === true) {
      throw new ProblemError('unauthenticated', {
        detail: 'The invitation is used up, expired or replaced by a later one. Ask for a new one.',
        headers: { 'WWW-Authenticate': bearerRealm },
      });
    }
    const session = await this.setPassword(user, password, keepKeys);
    await this.parts.credentials.remember(user._id, address);
    return session;
  }

  /** @throws ProblemError `unauthenticated` for a wrong password, `rate_limited` */
  async changePassword(userId: string, change: PasswordChange, address: string): Promise<Session> {
    const user = await this.confirm(userId, change.current_password, address);
    await refuseGuessable(change.new_password, 'new_password', [user.email, user.display_name]);
    return this.setPassword(user, change.new_password, change.keep_api_keys);
  }

  /**
   * Whose password it is.
   *
   * @throws ProblemError `unauthenticated` for a wrong password, `rate_limited`
   */
  async confirm(userId: string, password: string, address: string): Promise<StoredUser> {
    const user = await this.mustFind(objectId(userId));
    const right = await this.attempt(user.email, password, address);
    if (right === undefined) throw wrongPassword();
    return user;
  }

  /** @throws ProblemError `not_found`, `conflict` for somebody who signs in elsewhere */
  async invite(userId: string): Promise<Invitation> {
    const user = await this.mustFind(objectId(userId));
    if (typeof user.issuer === 'string') {
      throw new ProblemError('accounts_elsewhere', { detail: `This user signs in at ${user.issuer}.` });
    }
    return this.parts.invitations.make(user._id);
  }

  /** Those of some users who have set a password. */
  async withPassword(userIds: readonly Types.ObjectId[]): Promise<ReadonlySet<string>> {
    return this.parts.credentials.setAmong(userIds);
  }

  private attempt(email: string, password: string, address: string): Promise<StoredUser | undefined> {
    const isKnown = async (): Promise<boolean> => {
      const user = await this.parts.users.findByEmail(email);
      return this.parts.credentials.knows(user?._id, address);
    };
    return this.parts.throttle.attempt({ email, address, isKnown }, () => this.check(email, password));
  }

  private async check(email: string, password: string): Promise<StoredUser | undefined> {
    const user = await this.parts.users.findByEmail(email);
    const fits = await this.parts.credentials.fits(user?._id, password);
    return fits && user !== null && user.disabled !== true ? user : undefined;
  }

  private async setPassword(user: StoredUser, password: string, keepKeys: boolean): Promise<Session> {
    await this.parts.credentials.set(user._id, password);
    await this.parts.sessions.endAll(user._id);
    if (!keepKeys) await this.parts.apiKeys.revokeAll(user._id);
    return this.signIn(user);
  }

  private async signIn(user: StoredUser): Promise<Session> {
    return this.answer(user, await this.parts.sessions.begin(user._id));
  }

  private async answer(user: StoredUser, session: LiveSession): Promise<Session> {
    const { sessionId, refreshToken, expiresAt } = session;
    const token = await this.parts.tokens.sign({ userId: String(user._id), roles: user.roles, sessionId });
    return {
      ...token,
      refresh_token: refreshToken,
      session_expires_at: expiresAt.toISOString(),
      user: userView(user),
    };
  }

  private async mustFind(userId: Types.ObjectId): Promise<StoredUser> {
    const user = await this.parts.users.find(userId);
    if (user === null) throw notFound('user', String(userId));
    return user;
  }
}

/** One answer for a wrong password, an unknown account and a disabled one. */
function wrongPassword(): ProblemError {
  return new ProblemError('unauthenticated', {
    detail: 'E-mail or password is wrong.',
    headers: { 'WWW-Authenticate': bearerRealm },
  });
}
