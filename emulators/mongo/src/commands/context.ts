import { type Document, isDocument } from '../bson/document.js';
import { toNumber } from '../bson/numbers.js';
import { CommandError } from '../errors.js';
import type { Collection } from '../storage/collection.js';
import type { Store } from '../storage/store.js';
import type { ConnectionAuthentication } from './authentication.js';
import type { CursorRegistry } from './cursors.js';

/** What a command runs with. */
export interface CommandContext {
  readonly store: Store;
  readonly cursors: CursorRegistry;
  readonly server: ServerInfo;
  readonly connectionId: number;
  readonly authentication: ConnectionAuthentication;
  readonly database: string;
  /** The name the command was called by. */
  readonly name: string;
  readonly command: Document;
}

/** Facts of the running server for diagnostic commands. */
export interface ServerInfo {
  readonly startedAt: Date;
  readonly port: number;
  connections: number;
  /** Commands answered so far. */
  commands: number;
}

/** Answers with a document, or with one already encoded. */
export type Handler = (context: CommandContext) => Document | Uint8Array;

/**
 * The collection name a command carries as its first value.
 * @throws CommandError 73 when it is none
 */
export function collectionName({ command, name }: CommandContext): string {
  const value = command[name];
  if (typeof value !== 'string' || value === '') {
    throw new CommandError(73, `collection name has invalid type or is empty: ${String(value)}`);
  }
  return value;
}

/** The collection a command names, if it exists. */
export function collectionOf(context: CommandContext): Collection | undefined {
  return context.store.get(context.database, collectionName(context));
}

/** The collection a command names. @throws CommandError 26 when it does not exist */
export function existingCollection(context: CommandContext): Collection {
  const collection = collectionOf(context);
  if (!collection)
    throw new CommandError(26, `ns does not exist: ${context.database}.${collectionName(context)}`);
  return collection;
}

/** A document option; empty when absent. @throws CommandError 14 for anything else */
export function documentOption(source: Document, option: string): Document {
  const value = source[option] ?? {};
  if (!isDocument(value))
    throw new CommandError(14, `BSON field '${option}' is the wrong type, expected type 'object'`);
  return value;
}

/** A list of documents. @throws CommandError 14 for anything else, or an empty list */
export function documentList(source: Document, option: string): Document[] {
  const value = source[option];
  if (!Array.isArray(value) || !value.every(isDocument)) {
    throw new CommandError(14, `BSON field '${option}' must be an array of objects`);
  }
  return value;
}

/** A number of documents to skip, return or fetch. @throws CommandError 51024 when negative, 14 when no number */
export function countOption(source: Document, option: string): number | undefined {
  const value = source[option];
  if (value === undefined || value === null) return undefined;
  const count = toNumber(value);
  if (count === undefined) throw new CommandError(14, `BSON field '${option}' must be a number`);
  if (!(count >= 0))
    throw new CommandError(51024, `BSON field '${option}' value must be >= 0, actual value '${count}'`);
  return Math.trunc(count);
}

const UNSUPPORTED_OPTIONS = ['min', 'max', 'returnKey', 'showRecordId', 'arrayFilters'];

/** Refuses what would silently give other results than MongoDB's. */
export function refuseUnsupported(source: Document): void {
  const collation = source['collation'];
  if (isDocument(collation) && Object.keys(collation).length > 0 && collation['locale'] !== 'simple') {
    throw new CommandError(115, "collation is not supported by this emulator; only {locale: 'simple'} is");
  }
  if (isDocument(source['let']) && !('aggregate' in source) && Object.keys(source['let']).length > 0) {
    throw new CommandError(115, "'let' is supported by this emulator of aggregate only");
  }
  const option = UNSUPPORTED_OPTIONS.find((name) => Boolean(source[name]));
  if (option) throw new CommandError(115, `'${option}' is not supported by this emulator`);
}
