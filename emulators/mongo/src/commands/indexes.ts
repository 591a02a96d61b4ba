import { isDocument } from '../bson/document.js';
import { equalValues } from '../bson/order.js';
import { CommandError } from '../errors.js';
import type { Collection } from '../storage/collection.js';
import { parseIndex } from '../storage/index-specification.js';
import { collectionName, collectionOf, documentList, existingCollection, type Handler } from './context.js';

const createIndexes: Handler = (context) => {
  const specifications = documentList(context.command, 'indexes').map(parseIndex);
  if (specifications.length === 0) throw new CommandError(2, 'Must specify at least one index to create');
  const createdCollectionAutomatically = collectionOf(context) === undefined;
  const collection = context.store.ensure(context.database, collectionName(context));
  const numIndexesBefore = collection.indexes.size;
  for (const specification of specifications) collection.createIndex(specification);
  const numIndexesAfter = collection.indexes.size;
  return {
    numIndexesBefore,
    numIndexesAfter,
    createdCollectionAutomatically,
    ...(numIndexesAfter === numIndexesBefore ? { note: 'all indexes already exist' } : {}),
    ok: 1,
  };
};

const dropIndexes: Handler = (context) => {
  const collection = existingCollection(context);
  const nIndexesWas = collection.indexes.size;
  for (const name of namesToDrop(collection, context.command['index'])) {
    if (name === '_id_') throw new CommandError(72, 'cannot drop _id index');
    collection.dropIndex(name);
  }
  return { nIndexesWas, ok: 1 };
};

function namesToDrop(collection: Collection, wanted: unknown): string[] {
  const names = [...collection.indexes.keys()];
  if (wanted === '*') return names.filter((name) => name !== '_id_');
  if (isDocument(wanted)) {
    const found = [...collection.indexes.values()].find(({ specification }) =>
      equalValues(specification.key, wanted),
    );
    if (!found) throw new CommandError(27, `can't find index with key: ${JSON.stringify(wanted)}`);
    return [found.specification.name];
  }
  const list: unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  return list.map((name) => {
    if (typeof name !== 'string' || !collection.indexes.has(name)) {
      throw new CommandError(27, `index not found with name [${String(name)}]`);
    }
    return name;
  });
}

/** Commands that change indexes. */
export const indexCommands: Readonly<Record<string, Handler>> = {
  createIndexes,
  dropIndexes,
  deleteIndexes: dropIndexes,
};
