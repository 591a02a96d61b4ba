import { createHash, randomBytes } from 'node:crypto';
import { storedModel, storedSchema } from '@cloudemy/mongo';
import type { Connection, Model } from 'mongoose';

/** What a ticket is good for. */
export interface TicketFor {
  sessionId: string;
  userId: string;
  /**
   * `Origin` of the page that asked for it, which alone may use it then. Null when no page did: whoever opens a
   * session by a program hands the ticket to a client of their choice, which may send an `Origin` of its own.
   */
  origin: string | null;
}

/** Whose a ticket is, or why it is not good. */
export type Redeemed = { userId: string } | { refused: 'ticket' | 'origin' };

interface StoredTicket {
  /** SHA-256 of the ticket: who reads the database has none. */
  _id: string;
  session_id: string;
  user_id: string;
  origin: string | null;
  expires_at: Date;
}

export type TicketModel = Model<StoredTicket>;

/** Milliseconds within which a ticket must be used. */
const lifeMs = 30_000;

const schema = storedSchema<StoredTicket>(
  {
    _id: { type: String, required: true },
    session_id: { type: String, required: true },
    user_id: { type: String, required: true },
    origin: { type: String, default: null },
    expires_at: { type: Date, required: true },
  },
  'terminal_tickets',
);
schema.index({ expires_at: 1 }, { expireAfterSeconds: 0 });

export const ticketModel = (connection: Connection): TicketModel =>
  storedModel<StoredTicket>(connection, 'TerminalTicket', schema);

/**
 * Tickets for connections to terminals. A browser cannot send an access token with a WebSocket, and a cookie would
 * go along with the handshake of any page. They are kept in MongoDB, so that none is good for two replicas.
 */
export class Tickets {
  private readonly model: TicketModel;
  private readonly now: () => number;

  constructor(model: TicketModel, now: () => number = Date.now) {
    this.model = model;
    this.now = now;
  }

  async issue({ sessionId, userId, origin }: TicketFor): Promise<{ ticket: string; expiresAt: Date }> {
    const ticket = randomBytes(32).toString('base64url');
    const expiresAt = new Date(this.now() + lifeMs);
    await this.model.create({
      _id: hash(ticket),
      session_id: sessionId,
      user_id: userId,
      origin,
      expires_at: expiresAt,
    });
    return { ticket, expiresAt };
  }

  /**
   * Uses a ticket up, also when it turns out to be for something else: then it has fallen into wrong hands.
   *
   * @param origin of who comes, which the service has let in already
   */
  async redeem(ticket: string, { sessionId, origin }: Omit<TicketFor, 'userId'>): Promise<Redeemed> {
    const found = await this.model.findByIdAndDelete(hash(ticket)).lean<StoredTicket>();
    if (found?.session_id !== sessionId || found.expires_at.getTime() <= this.now()) {
      return { refused: 'ticket' };
    }
    if (found.origin !== null && found.origin !== origin) return { refused: 'origin' };
    return { userId: found.user_id };
  }
}

const hash = (ticket: string): string => createHash('sha256').update(ticket).digest('hex');
