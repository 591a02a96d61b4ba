import { type Document, isDocument } from '../bson/document.js';
import { field, position } from '../bson/paths.js';
import { CommandError } from '../errors.js';

/** Longest array that setting an element far behind its end may create. */
const MAX_ARRAY_GAP = 1_500_000;

/** Computes the new value of a place from the old one; `undefined` stands for a missing field both ways. */
export type Edit = (current: unknown) => unknown;

/**
 * Edits the place a dotted path names, creating documents on the way when the edit gives a value.
 * @throws CommandError 28 when the path leads through a value that is no document, 115 for a positional operator
 */
export function editAt(root: Document, path: string, edit: Edit): void {
  const parts = path.split('.');
  if (parts.some((part) => part === ''))
    throw new CommandError(56, `The update path '${path}' contains an empty field name`);
  if (parts.some((part) => part.startsWith('$'))) {
    throw new CommandError(115, `positional operators ('${path}') are not offered by this emulator`);
  }
  step(root, parts, 0, edit);
}

function step(container: Document | unknown[], parts: readonly string[], depth: number, edit: Edit): void {
  const name = parts[depth] ?? '';
  const current = read(container, name, parts);
  if (depth === parts.length - 1) {
    const next = edit(current);
    if (next !== current) write(container, name, next);
    return;
  }
  if (isDocument(current) || Array.isArray(current)) {
    step(current, parts, depth + 1, edit);
  } else if (current === undefined) {
    const created: Document = {};
    step(created, parts, depth + 1, edit);
    if (Object.keys(created).length > 0) write(container, name, created);
  } else if (edit(undefined) !== undefined) {
    const at = parts[depth + 1] ?? '';
    throw new CommandError(
      28,
      `Cannot create field '${at}' in element {${name}: ${JSON.stringify(current)}}`,
    );
  }
}

function read(container: Document | unknown[], name: string, parts: readonly string[]): unknown {
  if (!Array.isArray(container)) return field(container, name);
  const at = position(name);
  if (at === undefined)
    throw new CommandError(28, `Cannot create field '${name}' in an array: ${parts.join('.')}`);
  return container[at];
}

function write(container: Document | unknown[], name: string, value: unknown): void {
  if (!Array.isArray(container)) {
    if (value === undefined) delete container[name];
    else
      Object.defineProperty(container, name, { value, enumerable: true, writable: true, configurable: true });
    return;
  }
  const at = Number(name);
  if (at > container.length + MAX_ARRAY_GAP)
    throw new CommandError(2, `can't backfill more than ${MAX_ARRAY_GAP} elements`);
  while (container.length < at) container.push(null);
  container[at] = value ?? null;
}
