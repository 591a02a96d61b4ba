import { objectsIn, scalarText } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import { age } from './duration.js';

export type Cell = string | number | boolean;

/** One column of `kubectl get`. */
export interface Column {
  name: string;
  /** Shown with `-o wide` only. */
  wide?: boolean;
  cell(object: KubeObject): Cell;
}

export const nameColumn: Column = { name: 'Name', cell: (object) => object.metadata.name };
export const ageColumn: Column = {
  name: 'Age',
  cell: (object) => age(object.metadata.creationTimestamp),
};

/** A column of a value that is read by a function. */
export function column(name: string, cell: (object: KubeObject) => Cell, wide = false): Column {
  return wide ? { name, cell, wide } : { name, cell };
}

/** `a,b` from the `field` of each of a list. */
export function joined(list: unknown, field: string): string {
  return objectsIn(list)
    .map((item) => scalarText(item[field]))
    .join(',');
}

/** `a=b,c=d`, or `<none>`. */
export function labelText(labels: unknown): string {
  const pairs =
    typeof labels === 'object' && labels !== null
      ? Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`)
      : [];
  return pairs.length === 0 ? '<none>' : pairs.join(',');
}
