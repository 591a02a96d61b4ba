import { type Document, encode, isDocument } from '../bson/document.js';
import { CommandError } from '../errors.js';
import { plainDocument, runPipeline } from '../query/expression.js';
import { findAs, type Match } from '../query/find.js';
import type { Collection } from '../storage/collection.js';
import {
  collectionName,
  type CommandContext,
  countOption,
  documentList,
  documentOption,
  type Handler,
  refuseUnsupported,
} from './context.js';

const REFUSED: Readonly<Record<string, CommandError>> = {
  $changeStream: new CommandError(40573, 'The $changeStream stage is only supported on replica sets'),
  $out: new CommandError(115, '$out is not supported by this emulator'),
  $merge: new CommandError(115, '$merge is not supported by this emulator'),
  // The library puts a value equal to a boundary in the bucket below it.
  $bucket: new CommandError(115, '$bucket is not supported by this emulator: use $group with $switch'),
};

/** The leading stages a find can do, with an index, and what remains. */
interface Split {
  readonly filter: Document;
  readonly sort: unknown;
  readonly skip: number | undefined;
  readonly limit: number | undefined;
  readonly rest: readonly Document[];
}

const aggregate: Handler = (context) => {
  const { command, database, cursors, store } = context;
  refuseUnsupported(command);
  const pipeline = documentList(command, 'pipeline');
  checkStages(pipeline);
  const name = typeof command['aggregate'] === 'string' ? collectionName(context) : undefined;
  const collection = name === undefined ? undefined : store.get(database, name);
  const namespace = `${database}.${name ?? '$cmd.aggregate'}`;
  const batchSize = countOption(documentOption(command, 'cursor'), 'batchSize');
  return cursors.open(namespace, run(context, collection, pipeline), { batchSize });
};

/** @throws CommandError for a stage that is none, or that is refused, in pipelines within the pipeline too */
function checkStages(pipeline: readonly Document[]): void {
  for (const stage of pipeline) {
    const [name = '', ...others] = Object.keys(stage);
    if (others.length > 0 || name === '') {
      throw new CommandError(40323, 'A pipeline stage specification object must contain exactly one field.');
    }
    if (REFUSED[name]) throw REFUSED[name];
    for (const nested of pipelinesIn(name, stage[name])) checkStages(nested);
  }
}

/** The pipelines that a stage runs. Other stages may have a field called `pipeline`, which is none. */
function pipelinesIn(name: string, operand: unknown): Document[][] {
  if (!isDocument(operand)) return [];
  const joins = name === '$lookup' || name === '$unionWith';
  const candidates = name === '$facet' ? Object.values(operand) : joins ? [operand['pipeline']] : [];
  return candidates.filter(Array.isArray).map((stages) => stages.filter(isDocument));
}

function run(
  context: CommandContext,
  collection: Collection | undefined,
  pipeline: Document[],
): Uint8Array[] {
  const { command, database, store } = context;
  const { rest, ...query } = split(pipeline);
  const counted = countField(rest);
  if (counted && collection && Object.keys(query.filter).length === 0 && !query.skip && !query.limit) {
    return countResult(counted, collection.records.size);
  }
  const search = <T>(pick: (match: Match) => T): T[] =>
    collection ? findAs(collection, query, pick).matches : [];
  if (rest.length === 0) return search(({ record }) => record.bytes);
  if (counted) return countResult(counted, search(() => true).length);
  const documents = search(({ document }) => plainDocument(document));
  const read = (name: string): Document[] =>
    [...(store.get(database, name)?.records.values() ?? [])].map((record) => plainDocument(record.decode()));
  return runPipeline(documents, rest, documentOption(command, 'let'), read).map(encode);
}

/** Takes `$match`, `$sort`, `$skip` and `$limit` off the front, as long as they come in that order. */
function split(pipeline: readonly Document[]): Split {
  const filters: Document[] = [];
  let at = 0;
  const operand = (name: string): unknown => {
    const stage = pipeline[at];
    if (!stage || !(name in stage)) return undefined;
    at++;
    return stage[name];
  };
  for (let filter = operand('$match'); filter !== undefined; filter = operand('$match')) {
    if (!isDocument(filter))
      throw new CommandError(15959, 'the match filter must be an expression in an object');
    filters.push(filter);
  }
  const sort = operand('$sort');
  const skip = countOption({ $skip: operand('$skip') }, '$skip');
  const limit = countOption({ $limit: operand('$limit') }, '$limit');
  if (limit === 0) throw new CommandError(15958, 'the limit must be positive');
  const filter = filters.length === 1 ? filters[0] : undefined;
  const all = filter ?? (filters.length === 0 ? {} : { $and: filters });
  return { filter: all, sort, skip, limit, rest: pipeline.slice(at) };
}

/** How a pipeline that only counts wants its answer: `$count`, or the `$group` of a driver's countDocuments. */
function countField(rest: readonly Document[]): ((n: number) => Document) | undefined {
  const [stage] = rest;
  if (rest.length !== 1 || !stage) return undefined;
  const name = stage['$count'];
  if (typeof name === 'string' && name !== '') return (n) => ({ [name]: n });
  const group = stage['$group'];
  if (!isDocument(group) || Object.keys(group).join() !== '_id,n') return undefined;
  const { _id, n: sum } = group;
  const constant = typeof _id === 'number' || _id === null;
  return constant && isDocument(sum) && Object.keys(sum).join() === '$sum' && sum['$sum'] === 1
    ? (n) => ({ _id, n })
    : undefined;
}

function countResult(shape: (n: number) => Document, n: number): Uint8Array[] {
  return n === 0 ? [] : [encode(shape(n))];
}

/** The aggregate command. */
export const aggregateCommands: Readonly<Record<string, Handler>> = { aggregate };
