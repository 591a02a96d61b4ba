import { MAX_DOCUMENT_BYTES } from '../bson/document.js';
import { isDocument } from '../bson/document.js';
import { MAX_MESSAGE_BYTES } from '../wire/framing.js';
import { describeMechanisms } from './authentication.js';
import type { Handler } from './context.js';

/** The MongoDB whose behaviour this server follows, and that version's wire version. */
const VERSION = '7.0.0';
const MAX_WIRE_VERSION = 21;
const MAX_WRITE_BATCH = 100_000;
const SESSION_MINUTES = 30;

const hello: Handler = ({ name, connectionId, command, authentication }) => ({
  ...(name === 'hello' ? { isWritablePrimary: true } : { ismaster: true }),
  helloOk: true,
  maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  maxMessageSizeBytes: MAX_MESSAGE_BYTES,
  maxWriteBatchSize: MAX_WRITE_BATCH,
  localTime: new Date(),
  logicalSessionTimeoutMinutes: SESSION_MINUTES,
  connectionId,
  minWireVersion: 0,
  maxWireVersion: MAX_WIRE_VERSION,
  readOnly: false,
  ...describeMechanisms(authentication, command),
  cloudemyEmulator: true,
  ok: 1,
});

const buildInfo: Handler = () => ({
  version: VERSION,
  versionArray: [...VERSION.split('.').map(Number), 0],
  gitVersion: 'none',
  modules: ['cloudemy-emulator'],
  cloudemyEmulator: true,
  storageEngines: ['cloudemyEmulator'],
  bits: 64,
  debug: false,
  maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  ok: 1,
});

const serverStatus: Handler = ({ server, store, cursors }) => ({
  host: `127.0.0.1:${server.port}`,
  version: VERSION,
  process: 'cloudemy-emulator-mongo',
  pid: process.pid,
  uptime: (Date.now() - server.startedAt.getTime()) / 1000,
  localTime: new Date(),
  connections: { current: server.connections },
  opcounters: { command: server.commands },
  metrics: { cursor: { open: { total: cursors.size } } },
  mem: { bits: 64, resident: Math.round(process.memoryUsage.rss() / 2 ** 20) },
  catalogStats: { collections: store.collections.size },
  cloudemyEmulator: true,
  ok: 1,
});

const startSession: Handler = ({ command }) => ({
  id: isDocument(command['lsid']) ? command['lsid'] : {},
  timeoutMinutes: SESSION_MINUTES,
  ok: 1,
});

const ok: Handler = () => ({ ok: 1 });

/** Commands that tell of the server, and session commands that need nothing done. */
export const diagnosticCommands: Readonly<Record<string, Handler>> = {
  hello,
  isMaster: hello,
  ismaster: hello,
  ping: ok,
  buildInfo,
  buildinfo: buildInfo,
  serverStatus,
  startSession,
  endSessions: ok,
  refreshSessions: ok,
  killSessions: ok,
};
