import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Alias,
  type LineCounter,
  type Node,
} from 'yaml';
import { type FieldPath, type PathSegment, parsePath } from '../objects/field-path.js';
import type { UnknownObject } from '../objects/types.js';
import { isMergeKey, keyText } from './node-reader.js';
import type { Position } from './problem.js';

/** One object of the submitted YAML, unaltered, and where its fields are in the text. */
export class ManifestDocument {
  /** Number of the document in the text, from 1. Objects of a `List` share their document's. */
  readonly index: number;
  readonly object: UnknownObject & { apiVersion: string; kind: string };
  private readonly source: {
    root: unknown;
    /** Where in the document the object begins: not at the root for the items of a `List`. */
    base: FieldPath;
    aliases: ReadonlyMap<Alias, Node>;
    lines: LineCounter;
  };

  constructor(
    index: number,
    object: UnknownObject & { apiVersion: string; kind: string },
    source: {
      root: unknown;
      /** Where in the document the object begins: not at the root for the items of a `List`. */
      base: FieldPath;
      aliases: ReadonlyMap<Alias, Node>;
      lines: LineCounter;
    },
  ) {
    this.index = index;
    this.object = object;
    this.source = source;
  }

  /** `metadata.name`, or `metadata.generateName` when the server is to choose. */
  get name(): string {
    return this.object.metadata.name ?? this.object.metadata.generateName ?? '';
  }

  /** `Job/test-job` */
  get title(): string {
    return `${this.object.kind}/${this.name}`;
  }

  /**
   * Where a field is in the text. A field that is not there has the place of what would hold it, so problems
   * about a missing field point to the right object.
   * @param path as segments, or as the server writes it (`spec.template.spec.containers[0].image`)
   */
  positionOf(path: FieldPath | string): Position {
    const { root, base, lines } = this.source;
    const segments = [...base, ...(typeof path === 'string' ? parsePath(path) : path)];
    let node: unknown = root;
    let offset = startOf(root) ?? 0;
    for (const segment of segments) {
      const step = this.#step(node, segment);
      if (step === undefined) break;
      offset = step.offset ?? offset;
      node = step.node;
    }
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  }

  #step(at: unknown, segment: PathSegment): { node: unknown; offset: number | undefined } | undefined {
    const node = this.#follow(at);
    if (isSeq(node)) {
      const item = typeof segment === 'number' ? node.items[segment] : this.#find(node.items, segment);
      return item === undefined ? undefined : { node: item, offset: startOf(item) };
    }
    if (!isMap(node)) return undefined;
    const name = typeof segment === 'object' ? segment.value : String(segment);
    const pair = node.items.find(({ key }) => keyText(this.#follow(key)) === name);
    if (pair !== undefined) return { node: pair.value, offset: startOf(pair.key) };
    for (const { key, value } of node.items) {
      if (!isMergeKey(key)) continue;
      const merged = this.#follow(value);
      for (const source of isSeq(merged) ? merged.items : [merged]) {
        const found = this.#step(source, segment);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  /** The item of a list that a key names, e.g. `[name="main"]`. */
  #find(items: readonly unknown[], segment: PathSegment): unknown {
    if (typeof segment !== 'object') return undefined;
    return items.find((item) => {
      const map = this.#follow(item);
      if (!isMap(map)) return false;
      return map.items.some((pair) => {
        const value = isPair(pair) ? this.#follow(pair.value) : undefined;
        return keyText(pair.key) === segment.key && isScalar(value) && keyText(value) === segment.value;
      });
    });
  }

  #follow(node: unknown): unknown {
    return isAlias(node) ? this.source.aliases.get(node) : node;
  }
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
