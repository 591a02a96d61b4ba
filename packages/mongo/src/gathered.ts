import { Gathered } from '@cloudemy/async';
import mongoose, { type Types, type mongo } from 'mongoose';
import { objectId } from './ids.js';

type BulkWriteError = InstanceType<typeof mongo.MongoBulkWriteError>;

/** Documents of one command: what is read or written at once stays far below what a message may hold. */
const most = 50;

interface Identified {
  _id: Types.ObjectId;
}

/** Reads single documents by their id, those that are asked for at the same time with one command. */
export class GatheredReads<Row extends Identified> {
  readonly #reads: Gathered<string, Row | null>;

  /** @param read the documents that have one of these ids, or the wanted part of each */
  constructor(read: (filter: { _id: { $in: Types.ObjectId[] } }) => Promise<Row[]>) {
    this.#reads = new Gathered(
      async (ids) => {
        const rows = await read({ _id: { $in: [...new Set(ids)].map(objectId) } });
        const byId = new Map(rows.map((row) => [String(row._id), row]));
        return ids.map((id) => byId.get(id) ?? null);
      },
      { most },
    );
  }

  /** What is found may be shared with others who ask for it: it is to be left as it is. */
  find(id: Types.ObjectId): Promise<Readonly<Row> | null> {
    return this.#reads.ask(id.toHexString());
  }
}

/** Of a collection what inserts. */
interface Insertable<Row> {
  insertOne(row: Row): Promise<unknown>;
  insertMany(rows: Row[], options: { ordered: false }): Promise<unknown>;
}

/** Inserts single documents, those that come at the same time with one command. */
export class GatheredInserts<Row extends Identified> {
  readonly #inserts: Gathered<Row, Error | undefined>;

  constructor(collection: Insertable<Row>) {
    this.#inserts = new Gathered(
      async (rows) => {
        try {
          const [first, ...others] = rows;
          if (first !== undefined && others.length === 0) await collection.insertOne(first);
          else await collection.insertMany([...rows], { ordered: false });
          return rows.map(() => undefined);
        } catch (error) {
          return outcomes(rows.length, error);
        }
      },
      { most },
    );
  }

  /**
   * Resolves when the document is stored as firmly as the connection's write concern says.
   *
   * @throws what an insert of it alone would throw
   */
  async insert(row: Row): Promise<void> {
    const error = await this.#inserts.ask(row);
    if (error !== undefined) throw error;
  }
}

/** Of each document of a bulk: undefined when it is stored, else why it is not, or may not be. */
function outcomes(count: number, error: unknown): (Error | undefined)[] {
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) throw error;
  const { writeErrors, result }: BulkWriteError = error;
  // What is not confirmed as the write concern asks is not acknowledged, whichever document it is.
  const others = result.getWriteConcernError() === undefined ? undefined : error;
  const refused = new Map([writeErrors].flat().map((one) => [one.index, one]));
  if (refused.size === 0) throw error;
  return Array.from({ length: count }, (_, index) => {
    const own = refused.get(index);
    return own === undefined
      ? others
      : new mongoose.mongo.MongoServerError({ message: own.errmsg ?? 'not written', code: own.code });
  });
}
