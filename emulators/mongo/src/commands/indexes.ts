import { CommandError } from '../errors.js';
import { parseIndex } from '../storage/index-specification.js';
import { collectionName, collectionOf, documentList, type Handler } from './context.js';

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

/** Commands that change indexes. */
export const indexCommands: Readonly<Record<string, Handler>> = { createIndexes };
