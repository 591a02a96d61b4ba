import mongoose, { type mongo } from 'mongoose';
import { type LocalMongo, type LocalMongoOptions, startLocalMongo } from '../server.js';

/** A server with a connected client; disposing of it ends both. */
export interface Harness extends AsyncDisposable {
  readonly server: LocalMongo;
  readonly connection: mongoose.Connection;
  readonly db: mongo.Db;
}

/** Starts a server and connects mongoose to it, the way the product does. */
export async function startHarness(options: LocalMongoOptions = {}): Promise<Harness> {
  const server = await startLocalMongo(options);
  const connection = await mongoose.createConnection(server.uri, { dbName: 'test' }).asPromise();
  const { db } = connection;
  if (!db) throw new Error('connected without a database');
  return {
    server,
    connection,
    db,
    async [Symbol.asyncDispose]() {
      await connection.close();
      await server.close();
    },
  };
}
