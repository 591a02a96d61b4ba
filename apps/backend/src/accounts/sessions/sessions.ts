import { randomBytes } from 'node:crypto';
import type { Types } from 'mongoose';
import type { SessionModel, StoredSession } from './model.js';
import type { RefreshGrant, RefreshTokens } from './refresh-tokens.js';

export interface SessionOptions {
  ttlMs: number;
  /** How long after an exchange the token that was exchanged gets the same answer again. */
  graceMs: number;
  /** Sessions that one user may have; beyond it the one ends that was not used for longest. */
  maxPerUser: number;
}

const maxEndedAtOnce = 100;

/** A session and the refresh token that continues with it. */
export interface LiveSession {
  sessionId: string;
  userId: Types.ObjectId;
  refreshToken: string;
  expiresAt: Date;
}

/** Sessions, each kept alive by exchanging its refresh token for the next. */
export class Sessions {
  private readonly model: SessionModel;
  private readonly tokens: RefreshTokens;
  private readonly options: SessionOptions;
  private readonly onReuse: (userId: Types.ObjectId) => void;

  /** @param onReuse is told whose refresh token was used twice */
  constructor(
    model: SessionModel,
    tokens: RefreshTokens,
    options: SessionOptions,
    onReuse: (userId: Types.ObjectId) => void,
  ) {
    this.model = model;
    this.tokens = tokens;
    this.options = options;
    this.onReuse = onReuse;
  }

  async begin(userId: Types.ObjectId): Promise<LiveSession> {
    const now = new Date();
    const session: StoredSession = {
      _id: randomBytes(16).toString('base64url'),
      user_id: userId,
      generation: 1,
      rotated_at: now,
      created_at: now,
      expires_at: new Date(now.getTime() + this.options.ttlMs),
    };
    await this.model.create(session);
    await this.endSurplus(userId);
    return this.live(session);
  }

  /**
   * Exchanges a refresh token. One that was exchanged before ends its session, as one of the two who have it has
   * stolen it; within the grace it gets the answer again that its holder may have missed.
   *
   * @returns undefined for a token that is not valid
   */
  async exchange(token: string): Promise<LiveSession | undefined> {
    const grant = this.tokens.read(token);
    if (grant === undefined) return undefined;
    const rotated = await this.rotate(grant);
    if (rotated !== null) return this.live(rotated);
    const now = await this.model.findById(grant.sessionId).lean<StoredSession>();
    if (now === null || now.expires_at.getTime() <= Date.now()) return undefined;
    const missed =
      grant.generation === now.generation - 1 && Date.now() - now.rotated_at.getTime() < this.options.graceMs;
    if (missed) return this.live(now);
    await this.model.deleteOne({ _id: now._id });
    this.onReuse(now.user_id);
    return undefined;
  }

  /** Ends the session of a refresh token, whichever of its tokens it is. */
  async end(token: string): Promise<void> {
    const grant = this.tokens.read(token);
    if (grant !== undefined) await this.model.deleteOne({ _id: grant.sessionId });
  }

  /** When a session was begun with a password; undefined for one that has ended. */
  async begunAt(sessionId: string): Promise<Date | undefined> {
    const session = await this.model.findById(sessionId).lean<StoredSession>();
    return session === null || session.expires_at.getTime() <= Date.now() ? undefined : session.created_at;
  }

  /** Where a user is signed in, newest first. */
  of(userId: Types.ObjectId): Promise<StoredSession[]> {
    return this.model
      .find({ user_id: userId, expires_at: { $gt: new Date() } })
      .sort({ created_at: -1 })
      .limit(this.options.maxPerUser + maxEndedAtOnce)
      .lean<StoredSession[]>();
  }

  /** Ends one of a user's sessions, now or before. */
  async endOne(userId: Types.ObjectId, sessionId: string): Promise<void> {
    await this.model.deleteOne({ _id: sessionId, user_id: userId });
  }

  /** Signs a user out everywhere. */
  async endAll(userId: Types.ObjectId): Promise<void> {
    await this.model.deleteMany({ user_id: userId });
  }

  private async endSurplus(userId: Types.ObjectId): Promise<void> {
    const surplus = await this.model
      .find({ user_id: userId }, { _id: 1 })
      .sort({ rotated_at: -1 })
      .skip(this.options.maxPerUser)
      .limit(maxEndedAtOnce)
      .lean<Pick<StoredSession, '_id'>[]>();
    if (surplus.length > 0) await this.model.deleteMany({ _id: { $in: surplus.map(({ _id }) => _id) } });
  }

  private rotate({ sessionId, generation }: RefreshGrant): Promise<StoredSession | null> {
    const now = new Date();
    return this.model
      .findOneAndUpdate(
        { _id: sessionId, generation, expires_at: { $gt: now } },
        { $set: { rotated_at: now }, $inc: { generation: 1 } },
        { returnDocument: 'after' },
      )
      .lean<StoredSession>()
      .exec();
  }

  private live({ _id, user_id, generation, expires_at }: StoredSession): LiveSession {
    const refreshToken = this.tokens.make({ sessionId: _id, generation });
    return { sessionId: _id, userId: user_id, refreshToken, expiresAt: expires_at };
  }
}
