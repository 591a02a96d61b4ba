import { type Document, isDocument } from '../bson/document.js';
import { isNumeric, toNumber } from '../bson/numbers.js';
import { field } from '../bson/paths.js';
import { CommandError } from '../errors.js';
import { compileExpression } from './expression.js';
import { compileElement } from './matcher.js';
import { isOperatorDocument } from './operators.js';

type Transform = (value: unknown, document: Document) => unknown;
/** What to do at each field: keep it, drop it, compute it, or look deeper. */
interface Tree {
  readonly fields: Map<string, Tree | boolean | Transform>;
}

/** Turns a stored document into the one to answer with. */
export type Projection = (document: Document) => Document;

/**
 * Compiles a projection.
 * @throws CommandError 31254 when inclusion and exclusion are mixed
 */
export function compileProjection(specification: unknown): Projection | undefined {
  if (!isDocument(specification) || Object.keys(specification).length === 0) return undefined;
  const tree: Tree = { fields: new Map() };
  let inclusive: boolean | undefined;
  for (const [path, value] of Object.entries(specification)) {
    const rule = compileRule(path, value);
    const includes = rule === true || (typeof rule === 'function' && !isSlice(value));
    if (path !== '_id' && (typeof rule === 'boolean' || includes)) {
      if (inclusive !== undefined && inclusive !== includes) {
        const [kind, other] = inclusive ? ['exclusion', 'inclusion'] : ['inclusion', 'exclusion'];
        throw new CommandError(31254, `Cannot do ${kind} on field ${path} in ${other} projection`);
      }
      inclusive = includes;
    }
    plant(tree, path.split('.'), rule, path);
  }
  const id = tree.fields.get('_id');
  inclusive ??= id === true;
  if (inclusive && id === undefined) tree.fields.set('_id', true);
  const keepOthers = !inclusive;
  return (document) => project(document, tree, keepOthers, document);
}

function compileRule(path: string, value: unknown): boolean | Transform {
  if (path.endsWith('.$'))
    throw new CommandError(31394, 'positional projection is not supported here; use $elemMatch');
  if (typeof value === 'boolean') return value;
  if (isNumeric(value)) return toNumber(value) !== 0;
  if (isOperatorDocument(value)) {
    if ('$slice' in value) return slice(value['$slice']);
    if ('$elemMatch' in value) return firstElement(value['$elemMatch']);
  }
  const evaluate = compileExpression(value);
  return (_value, document) => evaluate(document);
}

function isSlice(value: unknown): boolean {
  return isDocument(value) && '$slice' in value;
}

/** `n` first elements, `-n` last ones, or `[skip, limit]` with a skip counted from the end when negative. */
function slice(operand: unknown): Transform {
  const [first, limit] = (Array.isArray(operand) ? operand : [operand]).map(toNumber);
  if (first === undefined || (limit !== undefined && limit <= 0)) {
    throw new CommandError(28724, 'First argument to $slice must be a number, the second a positive number');
  }
  return (value) => {
    if (!Array.isArray(value)) return value;
    if (limit === undefined) return first < 0 ? value.slice(first) : value.slice(0, first);
    const start = first < 0 ? Math.max(0, value.length + first) : first;
    return value.slice(start, start + limit);
  };
}

function firstElement(operand: unknown): Transform {
  const matches = compileElement(operand);
  return (value) => {
    const found: unknown[] = Array.isArray(value) ? value.filter(matches).slice(0, 1) : [];
    return found.length === 0 ? undefined : found;
  };
}

function plant(tree: Tree, parts: readonly string[], rule: boolean | Transform, path: string): void {
  const [head = '', ...rest] = parts;
  const existing = tree.fields.get(head);
  if (rest.length === 0) {
    if (existing !== undefined) throw new CommandError(31250, `Path collision at ${path}`);
    tree.fields.set(head, rule);
    return;
  }
  if (existing !== undefined && (typeof existing === 'boolean' || typeof existing === 'function')) {
    throw new CommandError(31249, `Path collision at ${path}`);
  }
  const child = existing ?? { fields: new Map() };
  tree.fields.set(head, child);
  plant(child, rest, rule, path);
}

function project(source: Document, tree: Tree, keepOthers: boolean, root: Document): Document {
  const result: Document = {};
  for (const [name, value] of Object.entries(source)) {
    const rule = tree.fields.get(name);
    if (rule === undefined ? keepOthers : rule === true) result[name] = value;
    else if (typeof rule === 'function') result[name] = rule(value, root);
    else if (typeof rule === 'object') result[name] = projectNested(value, rule, keepOthers, root);
  }
  for (const [name, rule] of tree.fields) {
    if (typeof rule === 'function' && field(source, name) === undefined) result[name] = rule(undefined, root);
  }
  return result;
}

function projectNested(value: unknown, tree: Tree, keepOthers: boolean, root: Document): unknown {
  if (isDocument(value)) return project(value, tree, keepOthers, root);
  if (!Array.isArray(value)) return keepOthers ? value : undefined;
  const items: unknown[] = value.map((item: unknown) => projectNested(item, tree, keepOthers, root));
  return items.filter((item) => item !== undefined);
}
