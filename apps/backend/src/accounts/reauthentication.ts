import { type Actor, bearerRealm } from '@cloudemy/auth';
import { ProblemError } from '@cloudemy/service';
import type { Sessions } from './sessions/sessions.js';

export interface ReauthenticationParts {
  sessions: Pick<Sessions, 'begunAt'>;
  /** Seconds that a sign-in counts as fresh. */
  freshSeconds: number;
  /** Throws unless it is the user's password; undefined where passwords are not kept here. */
  confirm: ((userId: string, password: string, address: string) => Promise<unknown>) | undefined;
}

/** Makes sure that it is the person, not only their access token: for what outlives a stolen token. */
export class Reauthentication {
  private readonly parts: ReauthenticationParts;

  constructor(parts: ReauthenticationParts) {
    this.parts = parts;
  }

  /**
   * @param password of the actor; a fresh sign-in is asked for without it
   * @throws ProblemError `reauthentication_required`; `unauthenticated` for a wrong password, `rate_limited`
   */
  async assert(actor: Actor, password: string | undefined, address: string): Promise<void> {
    const { sessions, freshSeconds, confirm } = this.parts;
    if (password !== undefined && confirm !== undefined) {
      await confirm(actor.userId, password, address);
      return;
    }
    const { sessionId, signedInAt } = actor;
    const since = sessionId === undefined ? signedInAt : await sessions.begunAt(sessionId);
    if (since !== undefined && Date.now() - since.getTime() <= freshSeconds * 1_000) return;
    const way = confirm === undefined ? '' : ' Send your password along, or';
    throw new ProblemError('reauthentication_required', {
      detail: `You signed in more than ${freshSeconds} s ago.${way === '' ? ' Sign' : `${way} sign`} in anew.`,
      // RFC 9470, section 3.
      headers: {
        'WWW-Authenticate': `${bearerRealm}, error="insufficient_user_authentication", max_age=${freshSeconds}`,
      },
    });
  }
}
