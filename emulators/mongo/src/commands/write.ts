import type { Document } from '../bson/document.js';
import { toNumber } from '../bson/numbers.js';
import { CommandError } from '../errors.js';
import { find } from '../query/find.js';
import { isReplacement, type Update, updated, upserted, withId } from '../update/apply.js';
import {
  collectionName,
  collectionOf,
  type CommandContext,
  documentList,
  documentOption,
  type Handler,
  refuseUnsupported,
} from './context.js';

/**
 * Runs the statements of a bulk. A failed one is reported by its position; in an ordered bulk it is the last.
 * @returns the `writeErrors` field, or nothing
 */
function runBulk(
  { command }: CommandContext,
  statements: readonly Document[],
  run: (statement: Document, index: number) => void,
): { writeErrors?: Document[] } {
  if (statements.length === 0)
    throw new CommandError(16, 'Write batch sizes must be between 1 and 100000. Got 0 operations.');
  const ordered = command['ordered'] !== false;
  const writeErrors: Document[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      writeErrors.push({ index, code: error.code, errmsg: error.message, ...error.details });
      if (ordered) break;
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {};
}

const insert: Handler = (context) => {
  const { store, database, command } = context;
  const statements = documentList(command, 'documents');
  const collection = store.ensure(database, collectionName(context));
  let n = 0;
  const errors = runBulk(context, statements, (document) => {
    collection.insert(checkedId(withId(document)));
    n++;
  });
  return { n, ...errors, ok: 1 };
};

/** @throws CommandError 53 or 2 for an `_id` that MongoDB does not take */
export function checkedId(document: Document): Document {
  const { _id } = document;
  if (Array.isArray(_id)) throw new CommandError(53, "The '_id' value cannot be of type array");
  const stray = Object.keys(document).find((name) => name.startsWith('$'));
  if (stray)
    throw new CommandError(
      52,
      `The dollar ($) prefixed field '${stray}' is not allowed in a stored document.`,
    );
  return document;
}

/** Reads the parts of an update statement. */
export function parseUpdate(statement: Document, filter: string, update: string): Update {
  refuseUnsupported(statement);
  return {
    filter: documentOption(statement, filter),
    update: statement[update],
    variables: documentOption(statement, 'c'),
  };
}

const update: Handler = (context) => {
  const { store, database, command } = context;
  refuseUnsupported(command);
  const statements = documentList(command, 'updates');
  let [n, nModified] = [0, 0];
  const inserted: Document[] = [];
  const errors = runBulk(context, statements, (statement, index) => {
    const change = parseUpdate(statement, 'q', 'u');
    const multi = statement['multi'] === true;
    if (multi && isReplacement(change.update)) {
      throw new CommandError(9, 'multi update is not supported for replacement-style update');
    }
    const collection = collectionOf(context);
    const matches = collection
      ? find(collection, { filter: change.filter, sort: statement['sort'], limit: multi ? 0 : 1 }).matches
      : [];
    for (const { record, document } of matches) {
      n++;
      if (collection?.replace(record, document, updated(document, change))) nModified++;
    }
    if (matches.length > 0 || statement['upsert'] !== true) return;
    const document = checkedId(upserted(change));
    store.ensure(database, collectionName(context)).insert(document);
    n++;
    inserted.push({ index, _id: document['_id'] });
  });
  return { n, nModified, ...(inserted.length > 0 ? { upserted: inserted } : {}), ...errors, ok: 1 };
};

const deleteCommand: Handler = (context) => {
  refuseUnsupported(context.command);
  const statements = documentList(context.command, 'deletes');
  let n = 0;
  const errors = runBulk(context, statements, (statement) => {
    refuseUnsupported(statement);
    const limit = toNumber(statement['limit']);
    if (limit !== 0 && limit !== 1)
      throw new CommandError(9, 'The limit field in delete objects must be 0 or 1.');
    const collection = collectionOf(context);
    if (!collection) return;
    for (const { record, document } of find(collection, { filter: documentOption(statement, 'q'), limit })
      .matches) {
      collection.remove(record, document);
      n++;
    }
  });
  return { n, ...errors, ok: 1 };
};

/** Commands that write documents in bulk. */
export const writeCommands: Readonly<Record<string, Handler>> = { insert, update, delete: deleteCommand };
