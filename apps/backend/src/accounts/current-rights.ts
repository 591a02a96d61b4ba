import { type Actor, invalidCredentials } from '@cloudemy/auth';
import type { Role } from '@cloudemy/contracts';
import { objectId } from '@cloudemy/mongo';
import { LRUCache } from 'lru-cache';
import type { Users } from '../users/users.js';
import type { ApiKeys } from './api-keys/api-keys.js';
import type { Sessions } from './sessions/sessions.js';

const max = 10_000;

/** Milliseconds that rights are believed without another look. */
const believedMs = 5_000;

/**
 * Rights are read where they are kept: a token says who somebody is, in which session or by which API key. Whether the
 * session, the key and the account still stand, and what roles there are now, the database says.
 *
 * Users who sign in at an OpenID Connect provider have their roles from it. They are written down when they are first
 * seen, and when what it says of them has changed: others then find them, and their API keys know their roles.
 */
export class CurrentRights {
  private readonly users: Users;
  private readonly sessions: Pick<Sessions, 'begunAt'>;
  private readonly apiKeys: Pick<ApiKeys, 'stands'>;
  private readonly roles = new LRUCache<string, Promise<readonly Role[]>>({ max, ttl: believedMs });
  /** What was last written down of external users. */
  private readonly written = new LRUCache<string, string>({ max });

  constructor(users: Users, sessions: Pick<Sessions, 'begunAt'>, apiKeys: Pick<ApiKeys, 'stands'>) {
    this.users = users;
    this.sessions = sessions;
    this.apiKeys = apiKeys;
  }

  /**
   * The actor with the rights there are now.
   *
   * @param fresh as of now, not of some seconds ago
   * @throws ProblemError `unauthenticated` when the session, the key or the account has ended
   */
  async of(actor: Actor, fresh: boolean): Promise<Actor> {
    if (actor.profile !== undefined) await this.writeDown(actor);
    const key = [actor.userId, actor.sessionId, actor.apiKeyId].join(' ');
    const remembered = fresh ? undefined : this.roles.get(key);
    const roles = remembered ?? this.read(actor);
    if (remembered === undefined) {
      this.roles.set(key, roles);
      // A refusal, and an outage, is for who asked alone.
      roles.catch(() => {
        if (this.roles.peek(key) === roles) this.roles.delete(key);
      });
    }
    const kept = await roles;
    return actor.profile === undefined ? { ...actor, roles: kept } : actor;
  }

  private async read(actor: Actor): Promise<readonly Role[]> {
    const [user, stands] = await Promise.all([this.users.find(objectId(actor.userId)), this.stands(actor)]);
    if (user === null || !stands) throw invalidCredentials('has ended');
    if (user.disabled === true) throw invalidCredentials('belongs to a disabled account');
    return user.roles;
  }

  private async stands({ sessionId, apiKeyId, profile }: Actor): Promise<boolean> {
    if (apiKeyId !== undefined) return this.apiKeys.stands(apiKeyId);
    if (sessionId !== undefined) return (await this.sessions.begunAt(sessionId)) !== undefined;
    return profile !== undefined;
  }

  private async writeDown({ userId, roles, profile }: Actor): Promise<void> {
    const said = JSON.stringify([roles, profile]);
    if (profile === undefined || this.written.get(userId) === said) return;
    await this.users.writeExternal(userId, roles, profile);
    this.written.set(userId, said);
  }
}
