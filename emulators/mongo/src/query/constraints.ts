import { MaxKey, MinKey } from 'bson';
import { type Document, isDocument } from '../bson/document.js';
import { compareValues, TypeEdge } from '../bson/order.js';
import type { Bound } from '../storage/collection-index.js';
import { isOperatorDocument } from './operators.js';
import { isRegex } from './regex.js';

/** What a filter says of one field, as far as an index can use it: a few values, or an interval of one type. */
export type Constraint =
  | { readonly kind: 'points'; readonly values: readonly unknown[] }
  | { readonly kind: 'range'; readonly low: Bound; readonly high: Bound };

/**
 * Finds what every matching document must satisfy at a path. The result may admit more than the filter does,
 * never less: the filter itself is checked afterwards.
 * @param intersect false when documents may hold several values at the path (an array), each of which may
 *   satisfy another condition
 */
export function constraintOf(filter: Document, path: string, intersect: boolean): Constraint | undefined {
  const found: Constraint[] = [];
  for (const [key, condition] of Object.entries(filter)) {
    if (key === path) found.push(...fromCondition(condition));
    else if (key === '$and') found.push(...branches(condition, path, intersect));
    else if (key === '$or') {
      const united = union(branches(condition, path, intersect), condition);
      if (united) found.push(united);
    }
  }
  const points = found.find(({ kind }) => kind === 'points');
  if (points) return points;
  return intersect ? found.reduce<Constraint | undefined>(narrow, undefined) : found[0];
}

function branches(condition: unknown, path: string, intersect: boolean): Constraint[] {
  if (!Array.isArray(condition)) return [];
  return condition.flatMap((branch: unknown) => {
    const constraint = isDocument(branch) ? constraintOf(branch, path, intersect) : undefined;
    return constraint ? [constraint] : [];
  });
}

function fromCondition(condition: unknown): Constraint[] {
  if (isRegex(condition)) return [];
  if (!isOperatorDocument(condition)) return points([condition]);
  return Object.entries(condition).flatMap(([operator, operand]) => fromOperator(operator, operand));
}

function fromOperator(operator: string, operand: unknown): Constraint[] {
  if (operator === '$eq') return points([operand]);
  if (operator === '$in') return Array.isArray(operand) ? points(operand) : [];
  if (!isIndexable(operand) || operand === null || operand instanceof MinKey || operand instanceof MaxKey)
    return [];
  const low: Bound = { value: TypeEdge.before(operand), inclusive: true };
  const high: Bound = { value: TypeEdge.after(operand), inclusive: true };
  switch (operator) {
    case '$gt':
    case '$gte':
      return [{ kind: 'range', low: { value: operand, inclusive: operator === '$gte' }, high }];
    case '$lt':
    case '$lte':
      return [{ kind: 'range', low, high: { value: operand, inclusive: operator === '$lte' } }];
    default:
      return [];
  }
}

/** An index holds the elements of an array, not the array; and a pattern names no single value. */
function isIndexable(value: unknown): boolean {
  return value !== undefined && !Array.isArray(value) && !isRegex(value);
}

function points(values: readonly unknown[]): Constraint[] {
  if (!values.every(isIndexable)) return [];
  const sorted = values.toSorted(compareValues);
  const distinct = sorted.filter((value, i) => i === 0 || compareValues(value, sorted[i - 1]) !== 0);
  return [{ kind: 'points', values: distinct }];
}

function asRange(constraint: Constraint): { low: Bound; high: Bound } | undefined {
  if (constraint.kind === 'range') return constraint;
  if (constraint.values.length === 0) return undefined;
  return {
    low: { value: constraint.values[0], inclusive: true },
    high: { value: constraint.values[constraint.values.length - 1], inclusive: true },
  };
}

function narrow(current: Constraint | undefined, next: Constraint): Constraint | undefined {
  const [a, b] = [current && asRange(current), asRange(next)];
  if (!a || !b) return current ?? next;
  return { kind: 'range', low: tighter(a.low, b.low, 1), high: tighter(a.high, b.high, -1) };
}

/** The hull of the branches of `$or`, when each of them constrains the field. */
function union(found: readonly Constraint[], condition: unknown): Constraint | undefined {
  if (!Array.isArray(condition) || found.length !== condition.length) return undefined;
  const ranges = found.map(asRange).filter((range) => range !== undefined);
  if (ranges.length !== found.length) return undefined;
  return ranges.reduce<Constraint | undefined>((hull, range) => {
    if (hull?.kind !== 'range') return { kind: 'range', ...range };
    return { kind: 'range', low: looser(hull.low, range.low, 1), high: looser(hull.high, range.high, -1) };
  }, undefined);
}

function tighter(a: Bound, b: Bound, side: 1 | -1): Bound {
  const order = compareValues(a.value, b.value) * side;
  return order === 0 ? (a.inclusive ? b : a) : order > 0 ? a : b;
}

function looser(a: Bound, b: Bound, side: 1 | -1): Bound {
  const order = compareValues(a.value, b.value) * side;
  return order === 0 ? (a.inclusive ? a : b) : order < 0 ? a : b;
}
