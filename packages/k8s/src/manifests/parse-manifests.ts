import { setImmediate as turn } from 'node:timers/promises';
import { type Document, LineCounter } from 'yaml';
import type { FieldPath } from '../objects/field-path.js';
import { isRecord } from '../objects/is-record.js';
import { checkObject } from './check-object.js';
import { composeDocuments } from './compose.js';
import { ManifestDocument } from './document.js';
import { explain } from './explain.js';
import { type NodeCount, NodeReader } from './node-reader.js';
import { explainLine, findWrappings } from './pasted.js';
import { ManifestFault, type ManifestProblem, type Position, SHAPE_CODES } from './problem.js';
import { toText } from './text.js';

export interface ManifestLimits {
  /** UTF-8 bytes of the whole text. */
  maxBytes: number;
  /** Documents in the text, and objects in all with those of `List`s. */
  maxDocuments: number;
  /** Levels of nesting in a document. */
  maxDepth: number;
  /** Values in all documents, every use of an anchor counted in full. */
  maxNodes: number;
}

/** A megabyte is what the API server takes for one object (etcd's limit is 1.5 MiB). */
export const DEFAULT_MANIFEST_LIMITS: ManifestLimits = {
  maxBytes: 1024 * 1024,
  maxDocuments: 200,
  maxDepth: 64,
  maxNodes: 20_000,
};

export interface ParsedManifests {
  /** Objects to deploy, in order; only usable when there are no problems. */
  documents: ManifestDocument[];
  /** Objects with a fault in their metadata: good enough to find out what else is wrong with them. */
  faulty: ManifestDocument[];
  problems: ManifestProblem[];
}

/** Problems beyond these are not listed: nobody reads them, and the text may be made of nothing else. */
const MAX_PROBLEMS = 100;

/**
 * Reads Kubernetes YAML (or JSON) into objects. Never throws for bad text: every fault becomes a problem with
 * document, line and column. `List` kinds are taken apart; empty documents are skipped. Others get a turn between
 * documents, and now and then within a long one.
 */
export async function parseManifests(
  input: string | Uint8Array,
  limits: Partial<ManifestLimits> = {},
): Promise<ParsedManifests> {
  const bounds = { ...DEFAULT_MANIFEST_LIMITS, ...limits };
  const lines = new LineCounter();
  let text = '';
  const result: ParsedManifests = { documents: [], faulty: [], problems: [] };
  const count: NodeCount = { nodes: 0 };
  let index = 0;
  const report = (fault: ManifestFault, position = positionAt(lines, fault.offset)) => {
    if (result.problems.length < MAX_PROBLEMS)
      result.problems.push(fault.toProblem(Math.max(1, index), position));
  };
  try {
    text = toText(input, bounds.maxBytes, lines);
    for (const document of composeDocuments(text, lines, bounds)) {
      await turn();
      if (document === undefined) continue;
      index += 1;
      const reader = new NodeReader(bounds, count);
      readDocument({ document, index, reader, lines, text }, result, report);
      if (count.nodes > bounds.maxNodes) break;
      if (result.documents.length > bounds.maxDocuments) {
        throw new ManifestFault(
          'too_many_documents',
          `more than ${bounds.maxDocuments} objects`,
          document.range[0],
        );
      }
    }
  } catch (error) {
    if (!(error instanceof ManifestFault)) throw error;
    // The document that could not be composed comes after the last one read.
    index += 1;
    report(error);
  }
  return { ...result, problems: explainSlips(result.problems, text) };
}

/** Where text is no YAML, the slips of copying it are told rather than what the parser makes of them. */
function explainSlips(problems: readonly ManifestProblem[], text: string): ManifestProblem[] {
  const isShape = ({ code }: ManifestProblem): boolean => SHAPE_CODES.has(code);
  const first = problems.find(isShape);
  if (first === undefined) return [...problems];
  const wrappings = findWrappings(text).map(({ line, message }): ManifestProblem => ({
    document: first.document,
    line: line + 1,
    column: 1,
    code: 'not_yaml',
    message,
  }));
  if (wrappings.length > 0) return [...wrappings, ...problems.filter((problem) => !isShape(problem))];
  const lines = text.split('\n');
  return problems.map((problem) => {
    if (!isShape(problem)) return problem;
    // The parser may notice a slip only in the line after.
    const near = [problem.line - 1, problem.line - 2, problem.line].filter((line) => line in lines);
    const line = near.find((at) => explainLine(lines[at] ?? '') !== undefined);
    const message = line === undefined ? undefined : explainLine(lines[line] ?? '');
    return line === undefined || message === undefined
      ? problem
      : { ...problem, line: line + 1, column: 1, message };
  });
}

interface Reading {
  document: Document.Parsed;
  index: number;
  reader: NodeReader;
  lines: LineCounter;
  text: string;
}

function readDocument(
  { document, index, reader, lines, text }: Reading,
  result: ParsedManifests,
  report: (fault: ManifestFault, position?: Position) => void,
): void {
  const [error] = document.errors;
  if (error !== undefined) {
    report(new ManifestFault('not_yaml', explain(error.code, error.message), error.pos[0]));
    return;
  }
  const { yaml } = document.directives ?? { yaml: { explicit: false, version: '1.1' } };
  if (yaml.explicit === true && yaml.version !== '1.1') {
    const written = [...text.slice(0, document.contents?.range?.[0]).matchAll(/^%YAML[ \t]+(\S+)/gm)].at(-1);
    const message = `%YAML ${written?.[1] ?? yaml.version} is not supported: remove the line`;
    report(new ManifestFault('directive_refused', message, written?.index ?? 0));
    return;
  }
  try {
    const root = document.contents;
    const value = reader.read(root);
    if (value === null) return;
    for (const { item, base } of flattenLists(value, [])) {
      const source = { root, base, aliases: reader.aliases, lines };
      const checked = checkObject(item, base);
      if (checked.object !== undefined) {
        const list = checked.faults.length === 0 ? result.documents : result.faulty;
        list.push(new ManifestDocument(index, checked.object, source));
      }
      for (const fault of checked.faults) report(fault, locate(fault, source, index));
    }
  } catch (error) {
    if (!(error instanceof ManifestFault)) throw error;
    report(error);
  }
}

function locate(
  fault: ManifestFault,
  source: ConstructorParameters<typeof ManifestDocument>[2],
  index: number,
): Position {
  const anywhere = { apiVersion: '', kind: '', metadata: {} };
  return new ManifestDocument(index, anywhere, { ...source, base: [] }).positionOf(fault.path);
}

/** kubectl takes any kind that ends in `List` and has items apart; the server knows no such objects. */
function* flattenLists(item: unknown, base: FieldPath): Generator<{ item: unknown; base: FieldPath }> {
  if (
    isRecord(item) &&
    typeof item['kind'] === 'string' &&
    item['kind'].endsWith('List') &&
    'items' in item
  ) {
    const items: unknown[] = Array.isArray(item['items']) ? item['items'] : [item['items']];
    for (const [i, inner] of items.entries()) yield* flattenLists(inner, [...base, 'items', i]);
    return;
  }
  yield { item, base };
}

function positionAt(lines: LineCounter, offset: number): Position {
  if (lines.lineStarts.length === 0) return { line: 1, column: 1 };
  const { line, col } = lines.linePos(Math.max(0, offset));
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
