import { notFound } from '@cloudemy/service';
import { objectId } from '@cloudemy/mongo';
import type { Response } from 'express';
import type { SubmissionCollection } from '../submissions/model.js';
import { type KeptFileCollection, keptFileId } from './model.js';
import { filesView } from './view.js';

export interface DownloadParts {
  submissions: SubmissionCollection;
  keptFiles: KeptFileCollection;
}

/**
 * Answers with a file as it was handed in. Never as something that a browser would show: it is somebody's.
 *
 * @throws ProblemError `not_found`
 */
export async function sendFile(
  { submissions, keptFiles }: DownloadParts,
  submissionId: string,
  path: string,
  res: Response,
): Promise<undefined> {
  const _id = objectId(submissionId);
  const found = await submissions.findOne({ _id }, { projection: { code: 1, language: 1, files: 1 } });
  if (found === null) throw notFound('submission', submissionId);
  const file = filesView(found).find((one) => one.path === path.normalize('NFC'));
  const kept = file === undefined ? null : await keptFiles.findOne({ _id: keptFileId(_id, file.path) });
  const content = kept?.content ?? file?.content ?? null;
  if (file === undefined || content === null) throw notFound('file of this submission', path);
  const name = encodeURIComponent(file.path.split('/').at(-1) ?? 'file');
  res
    .status(200)
    .set({
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': `attachment; filename*=UTF-8''${name}`,
      'X-Content-Type-Options': 'nosniff',
    })
    .send(bytesOf(content));
  return undefined;
}

/** The driver gives binary data in a type of its own. */
function bytesOf(content: string | Uint8Array | { buffer: Uint8Array }): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return Buffer.from(content instanceof Uint8Array ? content : content.buffer);
}
