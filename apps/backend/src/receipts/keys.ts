import type { ReceiptKeys as Jwks } from '@cloudemy/contracts';
import { openCollection } from '@cloudemy/mongo';
import { type PublicKey, type ReceiptKey, receiptKey } from '@cloudemy/receipts';
import type { Collection, Connection } from 'mongoose';

/** A public key, kept for as long as there are receipts: one that was saved years ago is still checked with it. */
export interface StoredReceiptKey {
  /** Its `kid`. */
  _id: string;
  key: PublicKey;
  created_at: Date;
}

export type ReceiptKeyCollection = Collection<StoredReceiptKey>;

export const receiptKeyCollection = (connection: Connection): ReceiptKeyCollection =>
  openCollection<StoredReceiptKey>(connection, 'receipt_keys');

/** More than an installation ever has; each is a new secret. */
const maxKeys = 1_000;

/** The key that signs receipts follows from a Secret; the public keys of all that ever did are published. */
export class ReceiptKeys {
  private readonly collection: ReceiptKeyCollection;
  private readonly own: Promise<ReceiptKey>;

  constructor(collection: ReceiptKeyCollection, secret: string) {
    this.collection = collection;
    this.own = receiptKey(secret);
  }

  current(): Promise<ReceiptKey> {
    return this.own;
  }

  /** Makes the own key known; now or before. */
  async publish(): Promise<void> {
    const { publicKey: key } = await this.own;
    const known = { key, created_at: new Date() };
    await this.collection.updateOne({ _id: key.kid }, { $setOnInsert: known }, { upsert: true });
  }

  async published(): Promise<Jwks> {
    const rows = await this.collection.find({}, { sort: { _id: 1 }, limit: maxKeys }).toArray();
    return { keys: rows.map(({ key }) => key) };
  }
}
