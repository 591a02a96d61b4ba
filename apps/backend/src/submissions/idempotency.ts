import { createHash } from 'node:crypto';
import type { SubmissionCreate } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import { type Connection, type Model, Schema, type Types } from 'mongoose';
import { isDuplicateKey, newId, storedModel, storedSchema } from '@cloudemy/mongo';

/**
 * Written before the submission it names. A crash between the two leaves a key whose repeat creates the
 * submission under the very id, so that a key never stands for two submissions.
 */
export interface StoredIdempotencyKey {
  /** Hash of user and key. */
  _id: string;
  /** Hash of the body the key was first used with. */
  fingerprint: string;
  submission_id: Types.ObjectId;
  created_at: Date;
}

export type IdempotencyModel = Model<StoredIdempotencyKey>;

/** A day, as the contract promises. */
const rememberedSeconds = 86_400;

const schema = storedSchema<StoredIdempotencyKey>(
  {
    _id: { type: String, required: true },
    fingerprint: { type: String, required: true },
    submission_id: { type: Schema.Types.ObjectId, required: true },
    created_at: { type: Date, required: true },
  },
  'idempotency_keys',
);
schema.index({ created_at: 1 }, { expireAfterSeconds: rememberedSeconds });

export const idempotencyModel = (connection: Connection): IdempotencyModel =>
  storedModel<StoredIdempotencyKey>(connection, 'IdempotencyKey', schema);

/** Which submission a request is to create or has created. */
export interface Reservation {
  id: Types.ObjectId;
  createdAt: Date;
}

/** Remembers which submission a client's key stands for. */
export class IdempotencyKeys {
  private readonly model: IdempotencyModel;

  constructor(model: IdempotencyModel) {
    this.model = model;
  }

  /**
   * The reservation of an earlier request with this key; undefined when there was none.
   *
   * @throws ProblemError `idempotency_key_reused` when that request had another body
   */
  async find(userId: string, key: string, body: SubmissionCreate): Promise<Reservation | undefined> {
    const found = await this.model.findById(keyId(userId, key)).lean<StoredIdempotencyKey>();
    return found === null ? undefined : reservationOf(found, body);
  }

  /**
   * Reserves an id for this key, or gives the one that a concurrent twin has just reserved.
   *
   * @throws ProblemError `idempotency_key_reused`
   */
  async reserve(userId: string, key: string, body: SubmissionCreate, now: Date): Promise<Reservation> {
    const { id, createdAt } = newId(now);
    const entry: StoredIdempotencyKey = {
      _id: keyId(userId, key),
      fingerprint: fingerprint(body),
      submission_id: id,
      created_at: createdAt,
    };
    try {
      await this.model.insertMany([entry], { lean: true });
      return { id, createdAt };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return (await this.find(userId, key, body)) ?? { id, createdAt };
    }
  }
}

function reservationOf(entry: StoredIdempotencyKey, body: SubmissionCreate): Reservation {
  if (entry.fingerprint !== fingerprint(body)) {
    throw new ProblemError('idempotency_key_reused', {
      detail: 'This Idempotency-Key was used with another body. Use a new key for a new submission.',
    });
  }
  return { id: entry.submission_id, createdAt: entry.created_at };
}

const keyId = (userId: string, key: string): string => sha256(`${userId}\n${key}`);

/** The contract's schema gives every body the same order of fields. */
const fingerprint = (body: SubmissionCreate): string => sha256(JSON.stringify(body));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
