import {
  type Alias,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { PathSegment } from '../objects/field-path.js';
import { oddKey } from './pasted.js';
import { type ManifestProblemCode, ManifestFault } from './problem.js';
import { NumberNotExactError, resolvePlain } from './scalar.js';

export interface NodeLimits {
  maxDepth: number;
  /** Values in the whole text, with every use of an anchor counted in full. */
  maxNodes: number;
}

/** Values read so far, in all documents of a text. */
export interface NodeCount {
  nodes: number;
}

/** Tags that say what is so anyway. `!!binary`, `!!set` and all others would need a reading of our own. */
const KNOWN_TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`),
);

/**
 * Turns a parsed document into plain JSON values, counting as it goes, so that an alias bomb is noticed by
 * its size before it takes any room. Remembers what each alias stands for.
 */
export class NodeReader {
  readonly aliases = new Map<Alias, Node>();
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();

  private readonly limits: NodeLimits;
  private readonly count: NodeCount;

  /** @param count is shared by the readers of all documents: together they may not read more than `maxNodes` */
  constructor(limits: NodeLimits, count: NodeCount) {
    this.limits = limits;
    this.count = count;
  }

  /** @throws {ManifestFault} */
  read(node: unknown, path: PathSegment[] = []): unknown {
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.#readAlias(node, path);
    if (!isScalar(node) && !isMap(node) && !isSeq(node))
      throw fault('not_yaml', 'this cannot be read', node, path);
    this.#enter(node, path);
    const value = isScalar(node) ? readScalar(node, path) : this.#readCollection(node, path);
    this.#open.delete(node);
    return value;
  }

  #enter(node: Node & { anchor?: string | undefined; tag?: string | undefined }, path: PathSegment[]): void {
    if (++this.count.nodes > this.limits.maxNodes) {
      const all = 'all documents and every use of an anchor counted';
      const message = `the YAML has more than ${this.limits.maxNodes} values (${all}): send less at a time`;
      throw fault('too_many_nodes', message, node, path);
    }
    if (path.length > this.limits.maxDepth) {
      throw fault('too_deep', `nested more than ${this.limits.maxDepth} levels deep`, node, path);
    }
    if (node.tag !== undefined && !KNOWN_TAGS.has(node.tag)) {
      throw fault(
        'tag_refused',
        'a tag of its own is not allowed: quote a value that begins with !',
        node,
        path,
      );
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    this.#open.add(node);
  }

  #readAlias(alias: Alias, path: PathSegment[]): unknown {
    const target = this.aliases.get(alias) ?? this.#anchors.get(alias.source);
    if (target === undefined) {
      throw fault(
        'unknown_anchor',
        'the alias refers to no anchor before it: quote a value that begins with *',
        alias,
        path,
      );
    }
    if (this.#open.has(target)) {
      throw fault('unknown_anchor', 'the anchor contains itself', alias, path);
    }
    this.aliases.set(alias, target);
    return this.read(target, path);
  }

  #readCollection(node: YAMLMap | YAMLSeq, path: PathSegment[]): unknown {
    if (isSeq(node)) return node.items.map((item, index) => this.read(item, [...path, index]));
    const entries = new Map<string, unknown>();
    const merged = new Map<string, unknown>();
    for (const { key, value } of node.items) {
      if (isMergeKey(key)) {
        this.#merge(value, merged, path);
        continue;
      }
      const name = this.#readKey(key, node, path);
      const at = [...path, name];
      if (entries.has(name)) {
        throw fault('duplicate_key', `the key ${JSON.stringify(name)} is there twice`, key, at);
      }
      entries.set(name, this.read(value, at));
    }
    for (const [name, value] of merged) if (!entries.has(name)) entries.set(name, value);
    return Object.fromEntries(entries);
  }

  #readKey(key: unknown, map: YAMLMap, path: PathSegment[]): string {
    const node = isAlias(key) ? this.#anchors.get(key.source) : key;
    if (node === null || node === undefined) return 'null';
    if (!isScalar(node)) throw fault('not_yaml', 'a key must be a word, not a list or an object', map, path);
    const name = String(this.read(node, path));
    const slip = node.type === Scalar.PLAIN ? oddKey(name) : undefined;
    if (slip !== undefined) throw fault('not_yaml', slip, node, path);
    return name;
  }

  /** `<<: *a` or `<<: [*a, *b]`: what is not there yet. */
  #merge(value: unknown, into: Map<string, unknown>, path: PathSegment[]): void {
    const read = this.read(value, [...path, '<<']);
    for (const source of Array.isArray(read) ? read : [read]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        throw fault('not_yaml', 'the merge key << needs an object or a list of objects', value, path);
      }
      for (const [name, item] of Object.entries(source)) if (!into.has(name)) into.set(name, item);
    }
  }
}

/** Whether a key is an unquoted `<<`. */
export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN && key.source === '<<';
}

/** The text of a scalar as a JSON key; undefined for what is no scalar. */
export function keyText(key: unknown): string | undefined {
  if (key === null) return 'null';
  if (!isScalar(key)) return undefined;
  try {
    return String(readScalar(key, []));
  } catch {
    return undefined;
  }
}

function readScalar(node: Scalar, path: PathSegment[]): unknown {
  const isText = node.type !== Scalar.PLAIN || node.tag?.endsWith(':str') === true;
  if (isText && (node.tag === undefined || node.tag.endsWith(':str'))) {
    return typeof node.value === 'string' ? node.value : '';
  }
  try {
    return resolvePlain(node.source ?? '');
  } catch (error) {
    if (!(error instanceof NumberNotExactError)) throw error;
    throw fault('number_not_exact', `${error.message}; put it in quotes if it is meant as text`, node, path);
  }
}

function fault(code: ManifestProblemCode, message: string, node: unknown, path: PathSegment[]) {
  const offset = isNode(node) ? node.range?.[0] : undefined;
  return new ManifestFault(code, message, offset ?? 0, path);
}
