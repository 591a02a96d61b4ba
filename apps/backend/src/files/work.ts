import { createHash } from 'node:crypto';
import {
  type Language,
  type SubmissionCreate,
  SubmittedFile,
  maxFiles,
  pathFault,
  pathKey,
} from '@cloudemy/contracts';
import { languageOf } from '@cloudemy/grading';
import { z } from 'zod';
import { cellsOf } from './notebook.js';
import type { FileLimits, RawFile } from './raw-file.js';
import { named, refused, tooLarge } from './refused.js';
import { unpackZip } from './unpack-zip.js';

/** A file of a submission as it is stored: where the grader reads it, or that it does not. */
export const StoredFile = SubmittedFile.pick({
  path: true,
  bytes: true,
  sha256: true,
  language: true,
}).extend({
  /** In the text of the submission; null for what is kept apart. */
  start: z.int().nullable(),
  end: z.int().nullable(),
});
export type StoredFile = z.output<typeof StoredFile>;

/** What was handed in: one text, and of several files which part of it each is. */
export interface Work {
  code: string;
  /** Undefined for code that was handed in as such. */
  files: StoredFile[] | undefined;
  /** Files that are no text, and notebooks as they came. */
  kept: RawFile[];
}

type HandedIn = Pick<SubmissionCreate, 'code' | 'files' | 'archive'>;

/**
 * Makes one text of what was handed in, whichever way.
 *
 * @throws ProblemError `invalid_request`, `too_large`
 */
export async function workOf(body: HandedIn, language: Language, limits: FileLimits): Promise<Work> {
  if (body.files !== undefined) {
    return assembled(body.files.map(decoded), (at) => `files[${at}]`, language, limits);
  }
  if (body.archive !== undefined) {
    const files = await unpackZip(Buffer.from(body.archive, 'base64'), limits.allBytes);
    return assembled(files, () => 'archive', language, limits);
  }
  const code = body.code ?? '';
  assertText(code, 'code', limits);
  return { code, files: undefined, kept: [] };
}

function decoded({ path, content, encoding }: NonNullable<HandedIn['files']>[number]): RawFile {
  return { path, bytes: Buffer.from(content, encoding) };
}

type Where = (at: number) => string;

function assembled(raw: RawFile[], where: Where, language: Language, limits: FileLimits): Work {
  const named = raw.map((file, at) => ({ ...file, path: checkedPath(file.path, where(at)) }));
  assertApart(named, where);
  const size = named.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (size > limits.allBytes) {
    throw tooLarge(where(0), `has ${size} bytes in all; at most ${limits.allBytes} are taken`);
  }
  const text: string[] = [];
  let length = 0;
  const files: StoredFile[] = [];
  const kept: RawFile[] = [];
  const add = (path: string, content: string, bytes: Buffer): void => {
    const heading = `${length === 0 ? '' : '\n'}===== ${path} =====\n`;
    const start = length + heading.length;
    text.push(heading, content);
    length = start + content.length;
    files.push({ ...factsOf(path, bytes), language: languageOf(path), start, end: length });
  };
  const keep = (file: RawFile): void => {
    kept.push(file);
    files.push({ ...factsOf(file.path, file.bytes), language: null, start: null, end: null });
  };
  for (const [at, { path, bytes }] of named.entries()) {
    const content = textOf(bytes);
    if (content === undefined) keep({ path, bytes });
    else if (/\.ipynb$/i.test(path)) {
      keep({ path, bytes });
      for (const cell of cellsOf(path, content, where(at), language)) {
        add(cell.path, cell.content, Buffer.from(cell.content));
      }
    } else add(path, content, bytes);
  }
  if (files.length > maxFiles) {
    throw tooLarge(where(0), `has ${files.length} files and cells; at most ${maxFiles} are taken`);
  }
  if (!files.some((file) => file.start !== null && (file.end ?? 0) > file.start)) {
    throw refused(where(0), 'holds no text that a grader can read: save files as UTF-8');
  }
  const code = text.join('');
  assertText(code, where(0), limits);
  return { code, files, kept };
}

function checkedPath(path: string, where: string): string {
  const fault = pathFault(path);
  if (fault !== undefined) throw refused(where, `has the path ${named(path)}, which ${fault}`);
  return path.normalize('NFC');
}

/** Two files with one name, or a file where another has a folder, on whichever system. */
function assertApart(files: readonly RawFile[], where: Where): void {
  const seen = new Map<string, string>();
  const folders = new Map<string, string>();
  for (const [at, { path }] of files.entries()) {
    const twin = seen.get(pathKey(path));
    if (twin !== undefined) {
      throw refused(
        where(at),
        `has two files that some systems take for one: ${named(twin)} and ${named(path)}`,
      );
    }
    seen.set(pathKey(path), path);
    const names = path.split('/');
    for (let depth = 1; depth < names.length; depth += 1) {
      folders.set(pathKey(names.slice(0, depth).join('/')), path);
    }
  }
  for (const [at, { path }] of files.entries()) {
    const inside = folders.get(pathKey(path));
    if (inside !== undefined) {
      throw refused(where(at), `has ${named(path)} as a file, and as the folder of ${named(inside)}`);
    }
  }
}

/** What is UTF-8, without its byte order mark; undefined for anything else. */
function textOf(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const factsOf = (path: string, bytes: Buffer) => ({
  path,
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

function assertText(code: string, path: string, { textBytes, whose }: FileLimits): void {
  const bytes = Buffer.byteLength(code);
  if (bytes > textBytes)
    throw tooLarge(path, `has ${bytes} bytes of text; ${whose} takes at most ${textBytes}`);
}
