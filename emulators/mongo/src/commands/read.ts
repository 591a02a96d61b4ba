import { Long } from 'bson';
import { type Document, encode, isDocument } from '../bson/document.js';
import { isNumeric, numericValue, toNumber } from '../bson/numbers.js';
import { hashKey } from '../bson/order.js';
import { valuesAt } from '../bson/paths.js';
import { CommandError } from '../errors.js';
import { type Execution, findAs, type Match, type Query, type Source } from '../query/find.js';
import { compileProjection } from '../query/projection.js';
import {
  collectionName,
  collectionOf,
  type CommandContext,
  countOption,
  documentOption,
  type Handler,
  refuseUnsupported,
} from './context.js';

/** What a missing collection looks like to a query. */
const NOTHING: Source = { records: new Map(), indexes: new Map() };

function query({ command }: CommandContext, filterOption: string): Query {
  refuseUnsupported(command);
  const limit = toNumber(command['limit']);
  return {
    filter: documentOption(command, filterOption),
    sort: command['sort'],
    skip: countOption(command, 'skip'),
    limit: limit === undefined ? undefined : Math.abs(limit),
  };
}

function execute<T>(context: CommandContext, filterOption: string, pick: (match: Match) => T): Execution<T> {
  return findAs(collectionOf(context) ?? NOTHING, query(context, filterOption), pick);
}

const find: Handler = (context) => {
  const { command, database, cursors } = context;
  if (command['tailable'] === true) {
    throw new CommandError(2, 'tailable cursor requested on non capped collection');
  }
  const project = compileProjection(command['projection']);
  const { matches } = execute(context, 'filter', ({ record, document }) =>
    project ? encode(project(document)) : record.bytes,
  );
  const limit = toNumber(command['limit']);
  return cursors.open(`${database}.${collectionName(context)}`, matches, {
    batchSize: countOption(command, 'batchSize'),
    singleBatch: command['singleBatch'] === true || (limit !== undefined && limit < 0),
  });
};

const getMore: Handler = ({ command, database, cursors }) => {
  const namespace = `${database}.${String(command['collection'])}`;
  return cursors.next(cursorId(command['getMore']), namespace, countOption(command, 'batchSize'));
};

const killCursors: Handler = ({ command, cursors }) => {
  const ids: unknown[] = Array.isArray(command['cursors']) ? command['cursors'] : [];
  const killed = ids.filter((id) => cursors.kill(cursorId(id)));
  return {
    cursorsKilled: killed,
    cursorsNotFound: ids.filter((id) => !killed.includes(id)),
    cursorsAlive: [],
    cursorsUnknown: [],
    ok: 1,
  };
};

function cursorId(value: unknown): bigint {
  const id = value instanceof Long ? value.toBigInt() : isNumeric(value) ? numericValue(value) : undefined;
  if (id === undefined) throw new CommandError(14, 'a cursor id must be a number');
  return BigInt(id);
}

const count: Handler = (context) => {
  const { filter, limit, skip } = query(context, 'query');
  const collection = collectionOf(context);
  const all = Object.keys(filter).length === 0 && !limit && !skip;
  return {
    n: all ? (collection?.records.size ?? 0) : execute(context, 'query', () => true).matches.length,
    ok: 1,
  };
};

const distinct: Handler = (context) => {
  const key = context.command['key'];
  if (typeof key !== 'string') throw new CommandError(14, "BSON field 'distinct.key' must be a string");
  const parts = key.split('.');
  const values = new Map<string, unknown>();
  execute(context, 'query', ({ document }) => {
    for (const value of valuesAt(document, parts).flat()) {
      if (value !== undefined) values.set(hashKey(value), value);
    }
  });
  return { values: [...values.values()], ok: 1 };
};

/** Runs the query of a `find`, `count` or `distinct` and tells how it was done. */
const explain: Handler = (context) => {
  const inner = context.command['explain'];
  const name = isDocument(inner) ? Object.keys(inner)[0] : undefined;
  if (!isDocument(inner) || (name !== 'find' && name !== 'count' && name !== 'distinct')) {
    throw new CommandError(115, 'explain is supported by this emulator of find, count and distinct');
  }
  const target: CommandContext = { ...context, name, command: inner };
  const execution = execute(target, name === 'find' ? 'filter' : 'query', () => true);
  return {
    queryPlanner: {
      namespace: `${context.database}.${String(inner[name])}`,
      winningPlan: describePlan(execution),
    },
    executionStats: {
      executionSuccess: true,
      nReturned: execution.matches.length,
      totalDocsExamined: execution.docsExamined,
    },
    cloudemyEmulator: true,
    ok: 1,
  };
};

function describePlan({ indexName }: Execution<unknown>): Document {
  if (indexName === undefined) return { stage: 'COLLSCAN' };
  return { stage: 'FETCH', inputStage: { stage: 'IXSCAN', indexName } };
}

/** Commands that read documents. */
export const readCommands: Readonly<Record<string, Handler>> = {
  find,
  getMore,
  killCursors,
  count,
  distinct,
  explain,
};
