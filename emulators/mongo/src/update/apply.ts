import { ObjectId } from 'bson';
import { copyDocument, type Document, isDocument } from '../bson/document.js';
import { equalValues } from '../bson/order.js';
import { CommandError } from '../errors.js';
import { plainDocument, runPipeline, toPlain } from '../query/expression.js';
import { isOperatorDocument } from '../query/operators.js';
import { isRegex } from '../query/regex.js';
import { applyOperators } from './operators.js';
import { editAt } from './paths.js';

/** The update part of a statement: a replacement, operators, or a pipeline. */
export interface Update {
  readonly update: unknown;
  readonly filter: Document;
  /** Variables of a pipeline (`let` and `c`). */
  readonly variables?: Document;
}

const PIPELINE_STAGES = new Set(['$set', '$addFields', '$unset', '$project', '$replaceRoot', '$replaceWith']);

/** True when the update replaces the whole document. */
export function isReplacement(update: unknown): boolean {
  return isDocument(update) && !isOperatorDocument(update);
}

/** Computes the document after an update; the one given stays as it is. */
export function updated(document: Document, change: Update): Document {
  return applied(copyDocument(document), change, false);
}

/** Computes the document an upsert inserts: the equalities of the filter, then the update. */
export function upserted(change: Update): Document {
  const seed: Document = {};
  seedFrom(change.filter, seed);
  const document = applied(
    isReplacement(change.update) && '_id' in seed ? { _id: seed['_id'] } : seed,
    change,
    true,
  );
  return withId(document);
}

/** Puts `_id` first, making one up when it is missing. */
export function withId(document: Document): Document {
  const { _id, ...rest } = document;
  return { _id: _id === undefined ? new ObjectId() : _id, ...rest };
}

function applied(document: Document, change: Update, inserting: boolean): Document {
  const { update } = change;
  if (Array.isArray(update)) return throughPipeline(document, update, change.variables ?? {});
  if (!isDocument(update)) throw new CommandError(9, 'Update argument must be either an object or an array');
  if (isReplacement(update)) {
    const stray = Object.keys(update).find((name) => name.startsWith('$'));
    if (stray)
      throw new CommandError(
        52,
        `The dollar ($) prefixed field '${stray}' is not allowed in the context of an update's replacement document.`,
      );
    const { _id } = document;
    return _id === undefined || '_id' in update ? { ...update } : { _id, ...update };
  }
  applyOperators(document, update, inserting);
  return document;
}

function throughPipeline(document: Document, pipeline: unknown[], variables: Document): Document {
  const stages = pipeline.map((stage) => {
    const name = isDocument(stage) ? Object.keys(stage)[0] : undefined;
    if (!isDocument(stage) || name === undefined || !PIPELINE_STAGES.has(name)) {
      throw new CommandError(72, `${String(name)} is not allowed to be used within an update`);
    }
    return stage;
  });
  const [result] = runPipeline([plainDocument(document)], stages, variables);
  if (!result) return document;
  // What the pipeline left alone keeps its exact type.
  for (const [name, value] of Object.entries(document)) {
    if (name in result && equalValues(result[name], toPlain(value))) result[name] = value;
  }
  const { _id } = document;
  return result['_id'] === undefined && _id !== undefined ? { _id, ...result } : result;
}

function seedFrom(filter: Document, seed: Document): void {
  for (const [path, condition] of Object.entries(filter)) {
    if (path === '$and' && Array.isArray(condition)) {
      for (const branch of condition.filter(isDocument)) seedFrom(branch, seed);
    }
    if (path.startsWith('$') || isRegex(condition)) continue;
    const value = isOperatorDocument(condition) ? condition['$eq'] : condition;
    if (value !== undefined) editAt(seed, path, () => value);
  }
}
