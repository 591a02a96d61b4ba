import { createHash } from 'node:crypto';
import type { FilePart, Language, SubmittedFile } from '@cloudemy/contracts';
import { partsOf } from '@cloudemy/grading';
import type { StoredFile } from './work.js';

interface Handed {
  code: string;
  language: Language;
  files?: StoredFile[] | undefined;
}

/** Where each file that the grader reads stands in the text; undefined for code that was handed in as such. */
export const partsIn = (files: readonly StoredFile[] | undefined): FilePart[] | undefined =>
  files?.flatMap(({ path, start, end, language }) =>
    start === null || end === null ? [] : [{ path, start, end, language }],
  );

/** What a reader is shown of the files; code without a name is one. */
export function filesView({ code, language, files }: Handed): SubmittedFile[] {
  if (files !== undefined) {
    return files.map(({ start, end, ...file }) => {
      const read = start !== null && end !== null;
      return { ...file, read, content: read ? code.slice(start, end) : null };
    });
  }
  const bytes = Buffer.from(code);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return partsOf({ code, language }).map(({ path }) => ({
    path,
    bytes: bytes.length,
    sha256,
    language,
    read: true,
    content: code,
  }));
}
