import type { Document } from '../bson/document.js';
import { encode } from '../bson/document.js';
import { CommandError, errorReply } from '../errors.js';
import { aggregateCommands } from './aggregate.js';
import { authenticationCommands, refuseUnauthorized } from './authentication.js';
import { catalogReads, catalogWrites } from './catalog.js';
import type { CommandContext, Handler } from './context.js';
import { diagnosticCommands } from './diagnostics.js';
import { findAndModifyCommands } from './find-and-modify.js';
import { indexCommands } from './indexes.js';
import { readCommands } from './read.js';
import { writeCommands } from './write.js';

const READS = new Map<string, Handler>(
  Object.entries({
    ...diagnosticCommands,
    ...authenticationCommands,
    ...catalogReads,
    ...readCommands,
    ...aggregateCommands,
  }),
);
const WRITES = new Map<string, Handler>(
  Object.entries({ ...catalogWrites, ...indexCommands, ...writeCommands, ...findAndModifyCommands }),
);
const TRANSACTION_COMMANDS = new Set(['commitTransaction', 'abortTransaction']);

/** What a connection brings to every command. */
export type Environment = Omit<CommandContext, 'database' | 'name' | 'command'> & {
  readonly log: (line: string) => void;
};

/** Runs one command; failures become answers too. A write is answered once it is durable. */
export async function runCommand(environment: Environment, command: Document): Promise<Uint8Array> {
  environment.server.commands++;
  const name = Object.keys(command)[0] ?? '';
  try {
    return await dispatch(environment, command, name);
  } catch (error) {
    return encode(errorReply(asCommandError(error, name, environment.log)));
  }
}

async function dispatch(environment: Environment, command: Document, name: string): Promise<Uint8Array> {
  const { $db: database } = command;
  if (typeof database !== 'string') throw new CommandError(40571, 'OP_MSG requests require a $db argument');
  refuseTransaction(command, name);
  const writes = WRITES.get(name);
  const handler = writes ?? READS.get(name);
  if (!handler) throw new CommandError(59, `no such command: '${name}'`);
  refuseUnauthorized(environment.authentication, name);
  if (writes) await environment.store.journal.ready();
  let reply: Document | Uint8Array;
  try {
    reply = handler({ ...environment, database, name, command });
  } finally {
    if (writes) await environment.store.journal.flushed();
  }
  return reply instanceof Uint8Array ? reply : encode(reply);
}

function refuseTransaction(command: Document, name: string): void {
  if (
    TRANSACTION_COMMANDS.has(name) ||
    command['autocommit'] === false ||
    command['txnNumber'] !== undefined
  ) {
    throw new CommandError(20, 'Transaction numbers are only allowed on a replica set member or mongos');
  }
}

function asCommandError(error: unknown, name: string, log: (line: string) => void): CommandError {
  if (error instanceof CommandError) return error;
  const message = error instanceof Error ? error.message : String(error);
  log(`${name} failed unexpectedly: ${error instanceof Error ? (error.stack ?? message) : message}`);
  return new CommandError(1, `internal error of the emulator: ${message}`, {}, { cause: error });
}
