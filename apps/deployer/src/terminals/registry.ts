import { ProblemError } from '@cloudemy/service';
import type { OpenSession } from './open-session.js';

export interface Caps {
  all: number;
  perUser: number;
}

/** The sessions of this process, and the room there is for more. */
export class SessionRegistry {
  readonly #sessions = new Map<string, OpenSession>();
  /** By user: sessions that are being opened, which take their room already. */
  readonly #opening = new Map<string, number>();

  private readonly caps: Caps;

  constructor(caps: Caps) {
    this.caps = caps;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get(id: string): OpenSession | undefined {
    return this.#sessions.get(id);
  }

  /** In the order they were opened. */
  all(): OpenSession[] {
    return [...this.#sessions.values()];
  }

  /**
   * Opens a session while holding room for it.
   *
   * @throws ProblemError `too_many_sessions`; what `open` throws
   */
  async add(userId: string, open: () => Promise<OpenSession>): Promise<OpenSession> {
    this.#assertRoom(userId);
    this.#count(userId, 1);
    try {
      const session = await open();
      this.#sessions.set(session.id, session);
      void session.terminal.ended.then(() => this.#sessions.delete(session.id));
      return session;
    } finally {
      this.#count(userId, -1);
    }
  }

  #assertRoom(userId: string): void {
    const opening = [...this.#opening.values()].reduce((sum, count) => sum + count, 0);
    if (this.size + opening >= this.caps.all) {
      throw full(`All ${this.caps.all} terminals of this service are in use. Try again later.`);
    }
    const own = this.all().filter((session) => session.ownerId === userId).length;
    if (own + (this.#opening.get(userId) ?? 0) >= this.caps.perUser) {
      throw full(
        `You have ${this.caps.perUser} terminals open, which is as many as you may. End one with DELETE /terminal/{session_id}.`,
      );
    }
  }

  #count(userId: string, change: number): void {
    const count = (this.#opening.get(userId) ?? 0) + change;
    if (count === 0) this.#opening.delete(userId);
    else this.#opening.set(userId, count);
  }
}

const full = (detail: string): ProblemError =>
  new ProblemError('too_many_sessions', { detail, retryAfter: 30 });
