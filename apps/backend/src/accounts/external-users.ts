import { type Actor, invalidCredentials } from '@cloudemy/auth';
import { objectId } from '@cloudemy/mongo';
import type { Users } from '../users/users.js';

const maxRemembered = 10_000;

/** Milliseconds that a user is believed to be disabled, or not, without another look. */
const believedMs = 5_000;

interface Seen {
  /** What was last written down. */
  readonly said: string;
  readonly disabled: boolean;
  readonly at: number;
}

/**
 * Users who sign in at an OpenID Connect provider are written down when they are first seen, and when what the
 * provider says of them has changed: others then find them, and their API keys know their roles. The provider
 * knows nothing of who was disabled here.
 */
export class ExternalUsers {
  private readonly seen = new Map<string, Seen>();

  private readonly users: Users;

  constructor(users: Users) {
    this.users = users;
  }

  /** @throws ProblemError `unauthenticated` for somebody who was disabled here */
  async see(actor: Actor): Promise<void> {
    const { userId, roles, profile } = actor;
    if (profile === undefined) return;
    const said = JSON.stringify([roles, profile]);
    const before = this.seen.get(userId);
    if (before?.said !== said) await this.users.writeExternal(userId, roles, profile);
    else if (Date.now() - before.at < believedMs) return assertEnabled(before);
    const user = await this.users.find(objectId(userId));
    const now = { said, disabled: user?.disabled === true, at: Date.now() };
    if (this.seen.size >= maxRemembered) this.seen.clear();
    this.seen.set(userId, now);
    assertEnabled(now);
  }
}

function assertEnabled({ disabled }: Seen): void {
  if (disabled) throw invalidCredentials('belongs to a disabled account');
}
