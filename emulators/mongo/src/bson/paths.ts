import { isDocument } from './document.js';

const POSITION = /^\d+$/;

/** The array position a path component names, or undefined. */
export function position(part: string): number | undefined {
  return POSITION.test(part) ? Number(part) : undefined;
}

/** Reads an own field; `undefined` when it is missing. */
export function field(container: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(container, name) ? container[name] : undefined;
}

/**
 * All values a dotted path reaches, walking into every document of every array on the way. A missing field
 * gives `undefined`; a path that ends inside an array without documents gives nothing.
 */
export function valuesAt(root: unknown, parts: readonly string[]): unknown[] {
  const found: unknown[] = [];
  collect(root, parts, 0, found);
  return found;
}

function collect(value: unknown, parts: readonly string[], depth: number, found: unknown[]): void {
  const part = parts[depth];
  if (part === undefined) {
    found.push(value);
  } else if (Array.isArray(value)) {
    const at = position(part);
    if (at !== undefined && at < value.length) collect(value[at], parts, depth + 1, found);
    for (const item of value) if (isDocument(item)) collect(item, parts, depth, found);
  } else if (isDocument(value)) {
    collect(field(value, part), parts, depth + 1, found);
  } else {
    found.push(undefined);
  }
}

/**
 * The values of a path as an index or a sort sees them: arrays give one per element, a missing field is null,
 * an empty array is `undefined` (which sorts below null).
 */
export function keysAt(root: unknown, parts: readonly string[]): unknown[] {
  const keys: unknown[] = [];
  for (const value of valuesAt(root, parts)) {
    if (!Array.isArray(value)) keys.push(value ?? null);
    else if (value.length === 0) keys.push(undefined);
    else for (const item of value) keys.push(item ?? null);
  }
  return keys.length === 0 ? [null] : keys;
}
