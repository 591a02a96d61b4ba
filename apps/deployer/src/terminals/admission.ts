import type { IncomingMessage } from 'node:http';
import type { Logger } from '@cloudemy/service';
import type { OpenSession } from './open-session.js';
import type { Right } from './right.js';
import { type SessionEnd, endFor } from './session-end.js';
import type { Redeemed } from './tickets.js';
import type { Terminals } from './terminals.js';

export interface AdmissionParts {
  terminals: Pick<Terminals, 'find'>;
  /** The user who comes with a handshake for this session, or what is wrong with what they show. */
  visitorOf: (req: IncomingMessage, sessionId: string) => Promise<Redeemed>;
  /** Whether this handshake is more than its address may make at the moment; nobody counts when left out. */
  isTooMany?: ((req: IncomingMessage) => Promise<boolean>) | undefined;
  log: Logger;
}

/** Who goes to which session. */
export interface Entry {
  session: OpenSession;
  right: Right;
}

const notThere = endFor('not_found', 'There is no such terminal session, or it has ended. Open a new one.');
const another = 'POST /terminal/{session_id}/ticket gives another.';
const badTicket = {
  ticket: endFor('bad_ticket', `The ticket is missing, used, too old or for something else. ${another}`),
  origin: endFor(
    'bad_ticket',
    `The Origin of this connection is not that of the page which asked for the ticket, and the ticket is used up. ${another}`,
  ),
} as const;
const signedOut = endFor('signed_out', 'Your sign-in has expired. Sign in again and get another ticket.');
const accessLost = endFor('access_lost', 'You may not use terminals any more.');
const tooMany = endFor(
  'rate_limited',
  'There are too many connections from your address. Try again in a minute.',
);
const failed = endFor('internal_error', 'Something went wrong on our side. Try again.');

/** Lets a handshake in to the session it names, or says why not. Never rejects. */
export async function admit(
  { terminals, visitorOf, isTooMany, log }: AdmissionParts,
  req: IncomingMessage,
  sessionId: string,
): Promise<Entry | { refusal: SessionEnd }> {
  try {
    if ((await isTooMany?.(req)) === true) return { refusal: tooMany };
    const visitor = await visitorOf(req, sessionId);
    if ('refused' in visitor) return { refusal: badTicket[visitor.refused] };
    const session = terminals.find(sessionId);
    const right = session?.rights.get(visitor.userId);
    const state = await right?.look(Date.now());
    if (session === undefined || right === undefined || session.terminal.over) return { refusal: notThere };
    if (state === 'holds') return { session, right };
    return { refusal: state === 'lost' ? accessLost : signedOut };
  } catch (error) {
    log.error({ err: error }, 'a WebSocket could not be let in');
    return { refusal: failed };
  }
}
