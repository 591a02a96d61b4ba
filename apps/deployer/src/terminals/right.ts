import { type Actor, assertMay } from '@cloudemy/auth';
import { deployerAccess } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import { type Scope, scopeOf } from '../auth/caller.js';

/** `signed_out`: what shows who it is has expired or was revoked. `lost`: this user may not, or not any more. */
export type RightState = 'holds' | 'signed_out' | 'lost';

/** The right of one user to be at a terminal. It is looked at again while they are: a terminal may last for hours. */
export class Right {
  #scope: Scope;

  private readonly identify: () => Promise<Actor>;

  /**
   * @param scope as the guard found it
   * @param identify finds out once more who it is, by the same credentials; throws ProblemError like the guard
   */
  constructor(scope: Scope, identify: () => Promise<Actor>) {
    this.identify = identify;

    this.#scope = scope;
  }

  /** Who it is, and on whose objects they may work, as of the last look. */
  get scope(): Scope {
    return this.#scope;
  }

  get userId(): string {
    return this.#scope.actor.userId;
  }

  isExpired(now: number): boolean {
    const { expiresAt } = this.#scope.actor;
    return expiresAt !== undefined && expiresAt.getTime() <= now;
  }

  async look(now: number): Promise<RightState> {
    try {
      const actor = await this.identify();
      if (actor.userId !== this.userId) return 'lost';
      this.#scope = scopeOf(actor, assertMay(actor, deployerAccess.connectTerminal));
      return this.isExpired(now) ? 'signed_out' : 'holds';
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      if (error.status === 401) return 'signed_out';
      if (error.status === 403) return 'lost';
      // An outage takes no right away before its time, and adds none.
      return this.isExpired(now) ? 'signed_out' : 'holds';
    }
  }
}
