import { notFound } from '@cloudemy/service';
import { objectId } from '@cloudemy/mongo';
import type { SubmissionCollection } from '../submissions/model.js';
import { type KeptFileCollection, keptFileId } from './model.js';
import { filesView } from './view.js';

export interface DownloadParts {
  submissions: SubmissionCollection;
  keptFiles: KeptFileCollection;
}

/**
 * A file as it was handed in.
 *
 * @throws ProblemError `not_found`
 */
export async function fileOf(
  { submissions, keptFiles }: DownloadParts,
  submissionId: string,
  path: string,
): Promise<{ name: string; bytes: Buffer }> {
  const _id = objectId(submissionId);
  const found = await submissions.findOne({ _id }, { projection: { code: 1, language: 1, files: 1 } });
  if (found === null) throw notFound('submission', submissionId);
  const file = filesView(found).find((one) => one.path === path.normalize('NFC'));
  const kept = file === undefined ? null : await keptFiles.findOne({ _id: keptFileId(_id, file.path) });
  const content = kept?.content ?? file?.content ?? null;
  if (file === undefined || content === null) throw notFound('file of this submission', path);
  return { name: file.path.split('/').at(-1) ?? 'file', bytes: bytesOf(content) };
}

/** The driver gives binary data in a type of its own. */
function bytesOf(content: string | Uint8Array | { buffer: Uint8Array }): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return Buffer.from(content instanceof Uint8Array ? content : content.buffer);
}
