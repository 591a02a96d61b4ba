import type { Actor } from '@cloudemy/auth';
import type { Users } from '../users/users.js';

const maxRemembered = 10_000;

/**
 * Users who sign in at an OpenID Connect provider are written down when they are first seen, and when what the
 * provider says of them has changed: others then find them, and their API keys know their roles.
 */
export class ExternalUsers {
  /** What was last written down, by user. */
  private readonly written = new Map<string, string>();

  constructor(private readonly users: Users) {}

  async see(actor: Actor): Promise<void> {
    const { userId, roles, profile } = actor;
    if (profile === undefined) return;
    const said = JSON.stringify([roles, profile]);
    if (this.written.get(userId) === said) return;
    await this.users.writeExternal(userId, roles, profile);
    if (this.written.size >= maxRemembered) this.written.clear();
    this.written.set(userId, said);
  }
}
