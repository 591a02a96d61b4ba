import { BSONRegExp, Double, Long } from 'bson';
import { Aggregator } from 'mingo';
import { type Document, isDocument } from '../bson/document.js';
import { CommandError } from '../errors.js';

/** Gives the documents of another collection to `$lookup` and `$unionWith`. */
export type CollectionReader = (name: string) => Document[];

/** The value as mingo knows it: numbers are JavaScript numbers where that loses nothing. */
export function toPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Double) return value.value;
  if (value instanceof BSONRegExp) return new RegExp(value.pattern, value.options.replaceAll(/[^ims]/g, ''));
  if (value instanceof Long) {
    const number = value.toNumber();
    return Number.isSafeInteger(number) ? number : value;
  }
  return isDocument(value) ? plainDocument(value) : value;
}

/** {@link toPlain} for a whole document. */
export function plainDocument(document: Document): Document {
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, toPlain(value)]));
}

/**
 * Runs aggregation stages over documents.
 * @throws CommandError 40324 for a stage or an expression that is unknown or malformed
 */
export function runPipeline(
  documents: Document[],
  pipeline: readonly Document[],
  variables: Document = {},
  reader: CollectionReader = () => [],
): Document[] {
  return compilePipeline(pipeline, variables, reader)(documents);
}

/** Compiles an aggregation expression (`$expr`, computed projections); it gives `undefined` for a missing field. */
export function compileExpression(expression: unknown): (document: Document) => unknown {
  const run = compilePipeline([{ $replaceWith: { value: expression } }], {}, () => []);
  return (document) => run([plainDocument(document)])[0]?.['value'];
}

function compilePipeline(
  pipeline: readonly Document[],
  variables: Document,
  reader: CollectionReader,
): (documents: Document[]) => Document[] {
  const aggregator = guarded(
    () =>
      new Aggregator(pipeline.map(plainDocument), {
        variables: plainDocument(variables),
        collectionResolver: reader,
        scriptEnabled: false,
      }),
  );
  return (documents) => guarded(() => aggregator.run<Document>(documents));
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(
      40324,
      error instanceof Error ? error.message : String(error),
      {},
      { cause: error },
    );
  }
}
