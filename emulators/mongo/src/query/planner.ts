import { type Document, isDocument } from '../bson/document.js';
import { compareValues, equalValues } from '../bson/order.js';
import type { CollectionIndex, KeyRange } from '../storage/collection-index.js';
import { type Constraint, constraintOf } from './constraints.js';
import { compileFilter } from './matcher.js';
import { isOperatorDocument } from './operators.js';
import type { KeyField } from './sort.js';

/** How to read a collection: the ranges of one index to merge, and whether that gives the wanted order. */
export interface Plan {
  readonly index: CollectionIndex;
  readonly ranges: readonly KeyRange[];
  readonly reverse: boolean;
  readonly sorted: boolean;
  /** The field of the index from which on its ranges are merged; those before it do not matter to the order. */
  readonly mergeFrom: number;
}

/** More ranges than this (from `$in` on several fields) cost more than they save. */
const MAX_RANGES = 1000;

const SCORE = { unique: 1000, point: 10, range: 5, sort: 4 };

/** Chooses an index; undefined means that reading the whole collection is best. */
export function plan(
  filter: Document,
  sort: readonly KeyField[],
  indexes: Iterable<CollectionIndex>,
): Plan | undefined {
  let best: { plan: Plan; score: number } | undefined;
  for (const index of indexes) {
    const candidate = consider(index, filter, sort);
    if (candidate && candidate.score > (best?.score ?? 0)) best = candidate;
  }
  return best?.plan;
}

function consider(
  index: CollectionIndex,
  filter: Document,
  sort: readonly KeyField[],
): { plan: Plan; score: number } | undefined {
  if (!isComplete(index, filter)) return undefined;
  let prefixes: unknown[][] = [[]];
  let fixed = 0;
  let range: Constraint | undefined;
  const single = new Set<string>();
  for (const { path } of index.fields) {
    const constraint = constraintOf(filter, path, !index.multikey);
    if (constraint?.kind !== 'points' || prefixes.length * constraint.values.length > MAX_RANGES) {
      range = constraint?.kind === 'range' ? constraint : undefined;
      break;
    }
    prefixes = prefixes.flatMap((prefix) => constraint.values.map((value) => [...prefix, value]));
    if (constraint.values.length === 1) single.add(path);
    fixed++;
  }
  const order = index.multikey ? undefined : sortOrder(index, sort, single, fixed);
  const sorted = order !== undefined && sort.length > 0;
  if (fixed === 0 && range === undefined && !sorted) return undefined;
  const bounds = range?.kind === 'range' ? { low: range.low, high: range.high } : {};
  const isPoint = index.specification.unique && fixed === index.fields.length;
  const score =
    (isPoint ? SCORE.unique : 0) +
    fixed * SCORE.point +
    (range ? SCORE.range : 0) +
    (sorted ? SCORE.sort : 0);
  const ranges = prefixes.map((prefix) => ({ prefix, ...bounds }));
  const { direction = 1, mergeFrom = 0 } = order ?? {};
  return { plan: { index, ranges, reverse: direction === -1, sorted, mergeFrom }, score };
}

/**
 * How reading the index gives the sort order, or undefined. Fields fixed to one value do not matter; ranges of
 * several fixed values are merged by whole keys, or by the fields that follow them when the sort begins there.
 */
function sortOrder(
  index: CollectionIndex,
  sort: readonly KeyField[],
  single: ReadonlySet<string>,
  fixed: number,
): { direction: 1 | -1; mergeFrom: number } | undefined {
  const wanted = sort.filter(({ path }) => !single.has(path));
  const offered = index.fields.filter(({ path }) => !single.has(path));
  const direct = matchDirection(wanted, offered);
  if (direct !== undefined) return { direction: direct, mergeFrom: 0 };
  const behind = matchDirection(wanted, offered.slice(fixed - single.size));
  return behind === undefined ? undefined : { direction: behind, mergeFrom: fixed };
}

function matchDirection(wanted: readonly KeyField[], offered: readonly KeyField[]): 1 | -1 | undefined {
  if (wanted.length > offered.length) return undefined;
  const factors = wanted.map((field, i) =>
    field.path === offered[i]?.path ? field.direction * offered[i].direction : 0,
  );
  if (factors.every((factor) => factor === 1)) return 1;
  return factors.every((factor) => factor === -1) ? -1 : undefined;
}

/** True when the index holds every document the filter can match. */
function isComplete(index: CollectionIndex, filter: Document): boolean {
  const { sparse, partialFilterExpression } = index.specification;
  if (sparse && !index.fields.some(({ path }) => excludesMissing(filter, path))) return false;
  return Object.entries(partialFilterExpression ?? {}).every(([path, condition]) =>
    implies(filter, path, condition),
  );
}

function excludesMissing(filter: Document, path: string): boolean {
  const constraint = constraintOf(filter, path, false);
  if (constraint === undefined) return false;
  if (constraint.kind === 'points') return constraint.values.every((value) => value !== null);
  // The hull of an `$or` can reach from null, which a missing field counts as, to something else.
  const { low, high } = constraint;
  const [fromLow, fromHigh] = [compareValues(null, low.value), compareValues(null, high.value)];
  return (
    fromLow < 0 || fromHigh > 0 || (fromLow === 0 && !low.inclusive) || (fromHigh === 0 && !high.inclusive)
  );
}

function implies(filter: Document, path: string, condition: unknown): boolean {
  const own = filter[path];
  if (own !== undefined && equalValues(own, condition)) return true;
  if (path.startsWith('$')) return false;
  if (isOperatorDocument(condition) && Object.keys(condition).join() === '$exists') {
    return condition['$exists'] === true && excludesMissing(filter, path);
  }
  const constraint =
    isDocument(own) && !isOperatorDocument(own) ? undefined : constraintOf(filter, path, false);
  if (constraint?.kind !== 'points') return false;
  const matches = compileFilter({ value: condition });
  return constraint.values.every((value) => matches({ value }));
}
