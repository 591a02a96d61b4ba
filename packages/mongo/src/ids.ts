import { randomBytes } from 'node:crypto';
import { Types } from 'mongoose';

/** An id of the contract as MongoDB keeps it. The contract has checked that it is 24 hexadecimal digits. */
export const objectId = (id: string): Types.ObjectId => new Types.ObjectId(id);

/** A new id with the instant it stands for, so that sorting by id is sorting by creation. */
export function newId(now: Date = new Date()): { id: Types.ObjectId; createdAt: Date } {
  return {
    id: new Types.ObjectId(Types.ObjectId.generate(Math.floor(now.getTime() / 1_000))),
    createdAt: now,
  };
}

/**
 * A new id that nobody guesses from others: the second it was made in, and 64 random bits. Ids of the same second are
 * in no order.
 */
export function newUnguessableId(): { id: Types.ObjectId; createdAt: Date } {
  const createdAt = new Date();
  const seconds = Buffer.alloc(4);
  seconds.writeUInt32BE(Math.floor(createdAt.getTime() / 1_000));
  return { id: new Types.ObjectId(Buffer.concat([seconds, randomBytes(8)])), createdAt };
}

/** The seconds an id can hold: from 1970 to 2106. */
const lastSecond = 0xff_ff_ff_ff;

/** The smallest id made at or after the second this instant is in; the first or last there is when none can be. */
export function firstIdAt(instant: Date): Types.ObjectId {
  const seconds = Math.floor(instant.getTime() / 1_000);
  return Types.ObjectId.createFromTime(Math.min(Math.max(seconds, 0), lastSecond));
}
