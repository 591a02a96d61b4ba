import { type FieldPath, formatPath } from '../objects/field-path.js';

export type ManifestProblemCode =
  | 'too_large'
  | 'too_many_documents'
  | 'too_deep'
  | 'too_many_nodes'
  | 'not_text'
  | 'not_yaml'
  | 'tag_refused'
  | 'directive_refused'
  | 'duplicate_key'
  | 'unknown_anchor'
  | 'number_not_exact'
  | 'not_an_object'
  | 'invalid_field';

/** Where something is in the text; both count from 1. */
export interface Position {
  line: number;
  column: number;
}

/** One fault of the submitted YAML. */
export interface ManifestProblem extends Position {
  /** Number of the document in the text, from 1; empty ones count. */
  document: number;
  /** E.g. `spec.containers[0].image`; absent when the fault is not in a field. */
  path?: string;
  code: ManifestProblemCode;
  message: string;
}

/** Faults that say that the text, or a document of it, is not what it should be at all. */
export const SHAPE_CODES: ReadonlySet<ManifestProblemCode> = new Set([
  'not_yaml',
  'not_an_object',
  'directive_refused',
]);

/** A fault found while a document is read: carries where, is collected, never escapes this folder. */
export class ManifestFault extends Error {
  override readonly name = 'ManifestFault';
  readonly code: ManifestProblemCode;
  readonly offset: number;
  readonly path: FieldPath;

  constructor(code: ManifestProblemCode, message: string, offset: number, path: FieldPath = []) {
    super(message);
    this.code = code;
    this.offset = offset;
    this.path = path;
  }

  toProblem(document: number, position: Position): ManifestProblem {
    const { code, message, path } = this;
    return { document, ...position, ...(path.length === 0 ? {} : { path: formatPath(path) }), code, message };
  }
}
