import { createServer, type Server, type Socket } from 'node:net';
import { CursorRegistry } from './commands/cursors.js';
import { type Credentials, knownUsers } from './commands/authentication.js';
import type { ServerInfo } from './commands/context.js';
import { expire } from './storage/expiry.js';
import { openFolder, type StoredFolder } from './storage/folder.js';
import type { OpenLogFile } from './storage/log-file.js';
import type { Durability } from './storage/log-journal.js';
import { Store } from './storage/store.js';
import { serveConnection } from './wire/connection.js';

const DEFAULT_TTL_INTERVAL_MS = 3000;

export interface LocalMongoOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** Address to listen on; 127.0.0.1 unless told otherwise. */
  readonly host?: string;
  /** Who may connect, with SCRAM-SHA-256 against `authSource=admin`. Without users, everybody. Each may do all. */
  readonly users?: readonly Credentials[];
  /** Where data are kept. Without it they live in memory and end with the server. */
  readonly folder?: string;
  /** `sync` (default): an answered write survives power loss. `write`: it survives the end of the process. */
  readonly durability?: Durability;
  /** Milliseconds between two passes of TTL indexes. */
  readonly ttlIntervalMs?: number;
  /** Opens the log; tests put a full disk here. */
  readonly openLog?: OpenLogFile;
  /** Takes notable events, one line each. */
  readonly log?: (line: string) => void;
}

export interface LocalMongo {
  /** Connection string, `mongodb://127.0.0.1:PORT/?directConnection=true`. */
  readonly uri: string;
  readonly port: number;
  /** Disconnects all clients, writes what is pending and frees port and folder. */
  close(): Promise<void>;
}

/**
 * Starts a server that speaks MongoDB's wire protocol, for machines without a MongoDB.
 * @throws Error when the port is taken, another server uses the folder, or its data cannot be read
 */
export async function startLocalMongo(options: LocalMongoOptions = {}): Promise<LocalMongo> {
  const { port = 0, host = '127.0.0.1', durability = 'sync', log = () => undefined } = options;
  const data: StoredFolder =
    options.folder === undefined
      ? { store: new Store(), close: () => Promise.resolve() }
      : await openFolder(options.folder, durability, log, options.openLog);
  const users = options.users?.length ? await knownUsers(options.users) : undefined;
  const cursors = new CursorRegistry();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true });
  let listening: number;
  try {
    listening = await listen(server, port, host);
  } catch (error) {
    await data.close();
    throw error;
  }
  const info: ServerInfo = { startedAt: new Date(), port: listening, connections: 0, commands: 0 };
  let connectionId = 0;
  server.on('connection', (socket) => {
    sockets.add(socket);
    info.connections = sockets.size;
    socket.once('close', () => {
      sockets.delete(socket);
      info.connections = sockets.size;
    });
    serveConnection(socket, {
      store: data.store,
      cursors,
      server: info,
      connectionId: ++connectionId,
      authentication: { users },
      log,
    });
  });
  const stopUpkeep = startUpkeep(data.store, cursors, options.ttlIntervalMs ?? DEFAULT_TTL_INTERVAL_MS, log);
  log(`emulator of MongoDB (not a mongod) on ${host}:${listening}, data ${options.folder ?? 'in memory'}`);
  return {
    uri: `mongodb://${host}:${listening}/?directConnection=true`,
    port: listening,
    async close() {
      stopUpkeep();
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      for (const socket of sockets) socket.destroy();
      await closed;
      await data.close();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Removes expired documents and abandoned cursors now and then, without keeping the process alive. */
function startUpkeep(
  store: Store,
  cursors: CursorRegistry,
  everyMs: number,
  log: (line: string) => void,
): () => void {
  const timer = setInterval(() => {
    const now = Date.now();
    cursors.sweep(now);
    removeExpired(store, now).catch((error: unknown) => {
      log(
        `cannot keep the removal of expired documents: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

async function removeExpired(store: Store, now: number): Promise<void> {
  await store.journal.ready();
  if (expire(store, now) > 0) await store.journal.flushed();
}
