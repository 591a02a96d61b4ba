import { type Document, isDocument } from '../bson/document.js';
import { toNumber } from '../bson/numbers.js';
import { CommandError } from '../errors.js';
import type { KeyField } from '../query/sort.js';

/** What an index was asked to be. */
export interface IndexSpecification {
  readonly name: string;
  readonly key: Document;
  readonly fields: readonly KeyField[];
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly partialFilterExpression?: Document;
  /** Seconds after the indexed date at which a document is removed. */
  readonly expireAfterSeconds?: number;
}

const KNOWN = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'background',
  'hidden',
  'ns',
  'partialFilterExpression',
  'expireAfterSeconds',
]);

/**
 * Checks one entry of `createIndexes`.
 * @throws CommandError 67 or 197 for what MongoDB or this server does not index
 */
export function parseIndex(input: unknown): IndexSpecification {
  if (!isDocument(input) || !isDocument(input['key']) || Object.keys(input['key']).length === 0) {
    throw new CommandError(67, 'an index needs a key with at least one field');
  }
  for (const option of Object.keys(input)) {
    if (!KNOWN.has(option)) throw new CommandError(197, `the index option '${option}' is not supported here`);
  }
  const key = input['key'];
  const fields = Object.entries(key).map(([path, value]) => parseField(path, value));
  const partial = input['partialFilterExpression'];
  if (partial !== undefined && !isDocument(partial)) {
    throw new CommandError(67, 'partialFilterExpression must be an object');
  }
  const expiry = input['expireAfterSeconds'];
  const seconds = toNumber(expiry);
  if (expiry !== undefined && (seconds === undefined || seconds < 0 || fields.length > 1)) {
    throw new CommandError(67, 'expireAfterSeconds must be a number of at least 0 on an index of one field');
  }
  const name = input['name'];
  return {
    name: typeof name === 'string' && name !== '' ? name : defaultName(fields),
    key,
    fields,
    unique: input['unique'] === true,
    sparse: input['sparse'] === true,
    ...(partial === undefined ? {} : { partialFilterExpression: partial }),
    ...(seconds === undefined ? {} : { expireAfterSeconds: seconds }),
  };
}

/** The specification as `listIndexes` shows it and the log keeps it. */
export function describeIndex(index: IndexSpecification): Document {
  const { name, key, unique, sparse, partialFilterExpression, expireAfterSeconds } = index;
  return {
    v: 2,
    key,
    name,
    ...(unique && name !== '_id_' ? { unique } : {}),
    ...(sparse ? { sparse } : {}),
    ...(partialFilterExpression ? { partialFilterExpression } : {}),
    ...(expireAfterSeconds === undefined ? {} : { expireAfterSeconds }),
  };
}

function parseField(path: string, value: unknown): KeyField {
  const direction = toNumber(value);
  if (path === '' || path.startsWith('$') || direction === undefined || direction === 0) {
    throw new CommandError(
      67,
      `index key ${path}: ${String(value)}: only ascending and descending are supported here`,
    );
  }
  return { path, parts: path.split('.'), direction: direction > 0 ? 1 : -1 };
}

function defaultName(fields: readonly KeyField[]): string {
  return fields.map(({ path, direction }) => `${path}_${direction}`).join('_');
}
