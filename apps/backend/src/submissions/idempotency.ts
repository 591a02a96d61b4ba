import { createHash } from 'node:crypto';
import type { SubmissionCreate } from '@cloudemy/contracts';
import { ProblemError } from '@cloudemy/service';
import type { Collection, Connection, Types } from 'mongoose';
import { type IndexDescription, isDuplicateKey, newId, openCollection } from '@cloudemy/mongo';

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

export type IdempotencyCollection = Collection<StoredIdempotencyKey>;

/** A day, as the contract promises. */
const rememberedSeconds = 86_400;

export const idempotencyIndexes: IndexDescription[] = [
  { key: { created_at: 1 }, expireAfterSeconds: rememberedSeconds },
];

export const idempotencyCollection = (connection: Connection): IdempotencyCollection =>
  openCollection<StoredIdempotencyKey>(connection, 'idempotency_keys');

/** Which submission a request is to create or has created. */
export interface Reservation {
  id: Types.ObjectId;
  createdAt: Date;
}

/** Remembers which submission a client's key stands for. */
export class IdempotencyKeys {
  private readonly collection: IdempotencyCollection;

  constructor(collection: IdempotencyCollection) {
    this.collection = collection;
  }

  /**
   * The reservation of an earlier request with this key; undefined when there was none.
   *
   * @throws ProblemError `idempotency_key_reused` when that request had another body
   */
  async find(userId: string, key: string, body: SubmissionCreate): Promise<Reservation | undefined> {
    const found = await this.collection.findOne({ _id: keyId(userId, key) });
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
      await this.collection.insertOne(entry);
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
