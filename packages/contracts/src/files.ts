import { z } from 'zod';
import { Language } from './assignments.js';
import { wellFormed } from './primitives.js';

/** Files of one submission, those of an archive and the cells of notebooks included. */
export const maxFiles = 200;
/** Folders within folders. */
export const maxDepth = 10;
const maxPathLength = 200;

/** Of a path: controls, and what separates or is not allowed on one system or another. */
const forbiddenInPath = /[\p{Cc}\p{Cf}\\:*?"<>|]/u;

/** What is wrong with the path of a file; undefined when it leads to a place below the submission, on every system. */
export function pathFault(path: string): string | undefined {
  if (path === '' || path.length > maxPathLength) return `must have 1 to ${maxPathLength} characters`;
  if (!path.isWellFormed() || forbiddenInPath.test(path)) {
    return 'must hold no control or invisible characters and none of \\ : * ? " < > |';
  }
  const names = path.split('/');
  if (names.length > maxDepth) return `must lead through at most ${maxDepth - 1} folders`;
  if (names.some((name) => name === '')) return 'must be relative, with one / between names';
  if (names.some((name) => name === '.' || name === '..')) return 'must not hold . or .. as a name';
  if (names.some((name) => /^\s|[\s.]$/.test(name)))
    return 'must not hold names that begin or end with a space, or end with a dot';
  return undefined;
}

/** Two paths with one key are the same file on some system: where case, or how accents are composed, does not count. */
export const pathKey = (path: string): string => path.normalize('NFKC').toLowerCase();

export const FilePath = z
  .string()
  .superRefine((path, context) => {
    const fault = pathFault(path);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  })
  .transform((path) => path.normalize('NFC'))
  .meta({ id: 'FilePath', type: 'string', maxLength: maxPathLength, examples: ['src/main.py'] });

/** A file as it is handed in. */
export const FileCreate = z
  .strictObject({
    path: FilePath,
    content: wellFormed(z.string()),
    encoding: z
      .enum(['utf-8', 'base64'])
      .default('utf-8')
      .describe('`base64` for what is no text: it is kept, and the grader does not read it.'),
  })
  .meta({ id: 'FileCreate' });
export type FileCreate = z.output<typeof FileCreate>;

/** A file of a submission. */
export const SubmittedFile = z
  .object({
    path: z.string(),
    bytes: z.int(),
    sha256: z.string().describe('Of its bytes, in hexadecimal.'),
    language: Language.nullable().describe('Null for what is text, and none of the languages.'),
    read: z.boolean().describe('Whether the grader reads it: not what is no UTF-8 text.'),
    content: z
      .string()
      .nullable()
      .describe('Of what is read. `GET /submissions/{submission_id}/file` gives the others.'),
  })
  .meta({ id: 'SubmittedFile' });
export type SubmittedFile = z.output<typeof SubmittedFile>;

/** Where a file that the grader reads stands in `code`: its first character, and the one behind its last. */
export const FilePart = z.object({
  path: z.string(),
  start: z.int().min(0),
  end: z.int().min(0),
  language: Language.nullable(),
});
export type FilePart = z.output<typeof FilePart>;
