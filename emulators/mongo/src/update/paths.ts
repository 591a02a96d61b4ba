import { type Document, isDocument } from '../bson/document.js';
import { field, position } from '../bson/paths.js';
import { CommandError } from '../errors.js';

/** Longest array that setting an element far behind its end may create. */
const MAX_ARRAY_GAP = 1_500_000;

/** Computes the new value of a place from the old one; `undefined` stands for a missing field both ways. */
export type Edit = (current: unknown) => unknown;

/** Chooses array elements for `$`, `$[]` and `$[name]`. */
export interface PositionalContext {
  /** The position the filter matched, for `$`; `arrayPath` is the path of the array. */
  positionOf(arrayPath: string): number | undefined;
  /** The filter for `$[name]`. */
  arrayFilter(name: string): (item: unknown) => boolean;
}

/**
 * Edits the place a dotted path names, creating documents on the way when the edit gives a value.
 * @throws CommandError 28 when the path leads through a value that is no document, 2 for a misused positional
 */
export function editAt(root: Document, path: string, edit: Edit, context: PositionalContext): void {
  const parts = path.split('.');
  if (parts.some((part) => part === ''))
    throw new CommandError(56, `The update path '${path}' contains an empty field name`);
  descend(root, parts, 0, edit, context);
}

function descend(
  container: Document | unknown[],
  parts: readonly string[],
  depth: number,
  edit: Edit,
  context: PositionalContext,
): void {
  const part = parts[depth] ?? '';
  if (part.startsWith('$')) {
    for (const at of positions(container, parts, depth, context))
      step(container, String(at), parts, depth, edit, context);
    return;
  }
  step(container, part, parts, depth, edit, context);
}

function step(
  container: Document | unknown[],
  name: string,
  parts: readonly string[],
  depth: number,
  edit: Edit,
  context: PositionalContext,
): void {
  const current = read(container, name, parts);
  if (depth === parts.length - 1) {
    const next = edit(current);
    if (next !== current) write(container, name, next);
    return;
  }
  if (isDocument(current) || Array.isArray(current)) {
    descend(current, parts, depth + 1, edit, context);
  } else if (current === undefined) {
    if ((parts[depth + 1] ?? '').startsWith('$')) throw noArray(parts.slice(0, depth + 1).join('.'));
    const created: Document = {};
    descend(created, parts, depth + 1, edit, context);
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

function positions(
  container: Document | unknown[],
  parts: readonly string[],
  depth: number,
  context: PositionalContext,
): number[] {
  const arrayPath = parts.slice(0, depth).join('.');
  const part = parts[depth] ?? '';
  if (!Array.isArray(container)) throw noArray(arrayPath);
  if (part === '$[]') return [...container.keys()];
  if (part === '$') {
    const at = context.positionOf(arrayPath);
    if (at === undefined) {
      throw new CommandError(2, 'The positional operator did not find the match needed from the query.');
    }
    return [at];
  }
  const name = /^\$\[(\w+)\]$/.exec(part)?.[1];
  if (name === undefined) {
    throw new CommandError(
      52,
      `The dollar ($) prefixed field '${part}' in '${parts.join('.')}' is not valid for storage.`,
    );
  }
  const accepts = context.arrayFilter(name);
  return [...container.entries()].filter(([, item]) => accepts(item)).map(([at]) => at);
}

function noArray(path: string): CommandError {
  return new CommandError(
    2,
    `The path '${path}' must exist in the document in order to apply array updates.`,
  );
}
