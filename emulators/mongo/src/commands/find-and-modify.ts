import type { Document } from '../bson/document.js';
import { CommandError } from '../errors.js';
import { find } from '../query/find.js';
import { compileProjection } from '../query/projection.js';
import { updated, upserted } from '../update/apply.js';
import { collectionName, collectionOf, type Handler, refuseUnsupported } from './context.js';
import { checkedId, parseUpdate } from './write.js';

/** Changes one document and answers with it as it was before or is after. */
const findAndModify: Handler = (context) => {
  const { command, store, database } = context;
  refuseUnsupported(command);
  const remove = command['remove'] === true;
  const upsert = command['upsert'] === true;
  const wantsNew = command['new'] === true;
  assertModes(command, { remove, upsert, wantsNew });
  const change = parseUpdate(command, 'query', 'update');
  const project = compileProjection(command['fields']) ?? ((document: Document) => document);
  const collection = collectionOf(context);
  const query = { filter: change.filter, sort: command['sort'], limit: 1 };
  const match = collection ? find(collection, query).matches[0] : undefined;

  if (collection && match && remove) {
    collection.remove(match.record, match.document);
    return { lastErrorObject: { n: 1 }, value: project(match.document), ok: 1 };
  }
  if (collection && match) {
    const next = updated(match.document, change);
    collection.replace(match.record, match.document, next);
    const value = project(wantsNew ? match.record.decode() : match.document);
    return { lastErrorObject: { n: 1, updatedExisting: true }, value, ok: 1 };
  }
  if (remove) return { lastErrorObject: { n: 0 }, value: null, ok: 1 };
  if (!upsert) return { lastErrorObject: { n: 0, updatedExisting: false }, value: null, ok: 1 };
  const document = checkedId(upserted(change));
  store.ensure(database, collectionName(context)).insert(document);
  return {
    lastErrorObject: { n: 1, updatedExisting: false, upserted: document['_id'] },
    value: wantsNew ? project(document) : null,
    ok: 1,
  };
};

function assertModes(
  command: Document,
  { remove, upsert, wantsNew }: { remove: boolean; upsert: boolean; wantsNew: boolean },
): void {
  if (remove && command['update'] !== undefined)
    throw new CommandError(9, 'Cannot specify both an update and remove=true');
  if (remove && upsert) throw new CommandError(9, 'Cannot specify both upsert=true and remove=true');
  if (remove && wantsNew)
    throw new CommandError(
      9,
      "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    );
  if (!remove && command['update'] === undefined)
    throw new CommandError(9, 'Either an update or remove=true must be specified');
}

/** The findAndModify command under both its names. */
export const findAndModifyCommands: Readonly<Record<string, Handler>> = {
  findAndModify,
  findandmodify: findAndModify,
};
