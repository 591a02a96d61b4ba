import { Binary } from 'bson';
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { type Document, isDocument } from '../bson/document.js';
import { CommandError } from '../errors.js';
import type { Handler } from './context.js';

const MECHANISM = 'SCRAM-SHA-256';
const ITERATIONS = 15_000;
const KEY_BYTES = 32;
/** What a client may send before it has said who it is. */
const OPEN_COMMANDS = new Set([
  'hello',
  'isMaster',
  'ismaster',
  'ping',
  'buildInfo',
  'buildinfo',
  'saslStart',
  'saslContinue',
  'logout',
  'endSessions',
]);

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** What is kept of a password: it can check a proof, and log in nobody. */
interface StoredKeys {
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** Who may connect, and how far one connection has come with saying who it is. */
export interface ConnectionAuthentication {
  /** Undefined when everybody may do everything. */
  readonly users: ReadonlyMap<string, StoredKeys> | undefined;
  user?: string | undefined;
  exchange?: Exchange | undefined;
}

/** A SCRAM conversation (RFC 5802) whose first half is done. */
interface Exchange {
  readonly user: string;
  readonly keys: StoredKeys;
  readonly nonce: string;
  /** The messages so far, as the proof covers them. */
  readonly transcript: string;
  readonly skipEmptyExchange: boolean;
  proven?: boolean;
}

/** Derives what is kept of each user's password. */
export async function knownUsers(credentials: readonly Credentials[]): Promise<Map<string, StoredKeys>> {
  const entries = credentials.map(async ({ user, password }): Promise<[string, StoredKeys]> => {
    const salt = randomBytes(28);
    const salted = await promisify(pbkdf2)(password.normalize('NFKC'), salt, ITERATIONS, KEY_BYTES, 'sha256');
    const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest();
    return [user, { salt, storedKey, serverKey: hmac(salted, 'Server Key') }];
  });
  return new Map(await Promise.all(entries));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** @throws CommandError 13 when the command needs somebody who has said who they are */
export function refuseUnauthorized({ users, user }: ConnectionAuthentication, command: string): void {
  if (!users || user !== undefined || OPEN_COMMANDS.has(command)) return;
  throw new CommandError(13, `Command ${command} requires authentication`);
}

/** The fields of `hello` on authentication: what a user may use, and the first answer of a conversation begun with it. */
export function describeMechanisms(authentication: ConnectionAuthentication, command: Document): Document {
  if (!authentication.users) return {};
  const speculative = command['speculativeAuthenticate'];
  return {
    ...(command['saslSupportedMechs'] === undefined ? {} : { saslSupportedMechs: [MECHANISM] }),
    ...(isDocument(speculative) ? beginWithHello(authentication, speculative) : {}),
  };
}

/** One that cannot begin is passed over: the client asks again, and is then told why. */
function beginWithHello(authentication: ConnectionAuthentication, command: Document): Document {
  try {
    return { speculativeAuthenticate: begin(authentication, command, command['db']) };
  } catch (error) {
    if (error instanceof CommandError) return {};
    throw error;
  }
}

function begin(authentication: ConnectionAuthentication, command: Document, database: unknown): Document {
  if (command['mechanism'] !== MECHANISM) {
    throw new CommandError(334, `mechanism ${String(command['mechanism'])} is not enabled; ${MECHANISM} is`);
  }
  const bare = textOf(command['payload']).replace(/^n,[^,]*,/, '');
  const { n: name = '', r: clientNonce } = attributes(bare);
  const user = name.replaceAll('=2C', ',').replaceAll('=3D', '=');
  const keys = database === 'admin' ? authentication.users?.get(user) : undefined;
  if (!keys || clientNonce === undefined) throw refusal();
  const nonce = clientNonce + randomBytes(24).toString('base64');
  const first = `r=${nonce},s=${keys.salt.toString('base64')},i=${ITERATIONS}`;
  const options = command['options'];
  const skipEmptyExchange = isDocument(options) && options['skipEmptyExchange'] === true;
  authentication.exchange = { user, keys, nonce, transcript: `${bare},${first}`, skipEmptyExchange };
  return answer(first, false);
}

const saslContinue: Handler = ({ authentication, command }) => {
  const { exchange } = authentication;
  if (!exchange) throw new CommandError(17, 'No SASL session state found');
  if (exchange.proven) return finish(authentication, exchange, '');
  authentication.exchange = undefined;
  const message = textOf(command['payload']);
  const { r: nonce, p: proof = '' } = attributes(message);
  const transcript = `${exchange.transcript},${message.replace(/,p=.*$/s, '')}`;
  if (nonce !== exchange.nonce || !proves(proof, exchange.keys, transcript)) throw refusal();
  const signature = `v=${hmac(exchange.keys.serverKey, transcript).toString('base64')}`;
  if (exchange.skipEmptyExchange) return finish(authentication, exchange, signature);
  authentication.exchange = { ...exchange, proven: true };
  return answer(signature, false);
};

function finish(authentication: ConnectionAuthentication, { user }: Exchange, payload: string): Document {
  authentication.user = user;
  authentication.exchange = undefined;
  return answer(payload, true);
}

/** The client's key is the proof without the signature over the transcript; its hash is what is kept. */
function proves(proof: string, { storedKey }: StoredKeys, transcript: string): boolean {
  const bytes = Buffer.from(proof, 'base64');
  if (bytes.length !== KEY_BYTES) return false;
  const signature = hmac(storedKey, transcript);
  const clientKey = bytes.map((byte, i) => byte ^ (signature[i] ?? 0));
  return timingSafeEqual(createHash('sha256').update(clientKey).digest(), storedKey);
}

function answer(payload: string, done: boolean): Document {
  return { conversationId: 1, done, payload: new Binary(Buffer.from(payload)), ok: 1 };
}

function refusal(): CommandError {
  return new CommandError(18, 'Authentication failed.');
}

function textOf(payload: unknown): string {
  return payload instanceof Binary ? Buffer.from(payload.value()).toString() : '';
}

function attributes(message: string): Record<string, string | undefined> {
  return Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}

const logout: Handler = ({ authentication }) => {
  authentication.user = undefined;
  return { ok: 1 };
};

/** Commands by which a client says who it is. */
export const authenticationCommands: Readonly<Record<string, Handler>> = {
  saslStart: ({ authentication, command, database }) => begin(authentication, command, database),
  saslContinue,
  logout,
};
