import { encode } from '../bson/document.js';
import { CommandError } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import type { Collection } from '../storage/collection.js';
import { describeIndex } from '../storage/index-specification.js';
import {
  collectionName,
  collectionOf,
  countOption,
  documentOption,
  existingCollection,
  type Handler,
  refuseUnsupported,
} from './context.js';

const UNSUPPORTED_OPTIONS = ['capped', 'viewOn', 'timeseries', 'validator', 'clusteredIndex'];

const create: Handler = (context) => {
  const name = collectionName(context);
  refuseUnsupported(context.command);
  const option = UNSUPPORTED_OPTIONS.find((key) => Boolean(context.command[key]));
  if (option) throw new CommandError(115, `create with '${option}' is not supported by this emulator`);
  if (context.store.get(context.database, name)) {
    throw new CommandError(48, `Collection ${context.database}.${name} already exists.`);
  }
  context.store.create(context.database, name);
  return { ok: 1 };
};

const drop: Handler = (context) => {
  const collection = collectionOf(context);
  if (!collection) return { ok: 1 };
  context.store.drop(collection);
  return { nIndexesWas: collection.indexes.size, ns: collection.namespace, ok: 1 };
};

const dropDatabase: Handler = ({ store, database }) => {
  const collections = store.inDatabase(database);
  for (const [, collection] of collections) store.drop(collection);
  return { ...(collections.length > 0 ? { dropped: database } : {}), ok: 1 };
};

const listCollections: Handler = ({ store, database, command, cursors }) => {
  const matches = compileFilter(documentOption(command, 'filter'));
  const found = store
    .inDatabase(database)
    .map(([name, collection]) => describeCollection(name, collection))
    .filter(matches)
    .map((info) => (command['nameOnly'] === true ? { name: info.name, type: info.type } : info));
  const batchSize = countOption(documentOption(command, 'cursor'), 'batchSize');
  return cursors.open(`${database}.$cmd.listCollections`, found.map(encode), { batchSize });
};

function describeCollection(name: string, { uuid, namespace }: Collection) {
  return {
    name,
    type: 'collection',
    options: {},
    info: { readOnly: false, uuid },
    idIndex: { v: 2, key: { _id: 1 }, name: '_id_', ns: namespace },
  };
}

/** `listIndexes`. */
const listIndexes: Handler = (context) => {
  const collection = existingCollection(context);
  const found = [...collection.indexes.values()].map(({ specification }) =>
    encode(describeIndex(specification)),
  );
  const batchSize = countOption(documentOption(context.command, 'cursor'), 'batchSize');
  return context.cursors.open(collection.namespace, found, { batchSize });
};

/** Commands on databases and collections as such that only read. */
export const catalogReads: Readonly<Record<string, Handler>> = {
  listCollections,
  listIndexes,
};

/** Commands on databases and collections as such that change them. */
export const catalogWrites: Readonly<Record<string, Handler>> = { create, drop, dropDatabase };
