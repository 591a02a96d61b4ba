import { ProblemError } from '@cloudemy/service';
import { filesView } from '../files/view.js';
import type { StoredSubmission } from '../submissions/model.js';
import type { StoredLines } from './model.js';

/**
 * Refuses lines that the submission does not have.
 *
 * @param where what of the body names them
 * @throws ProblemError `invalid_request`
 */
export function assertLines(
  submission: Pick<StoredSubmission, 'code' | 'language' | 'files'>,
  { file, end_line: end }: StoredLines,
  where: string,
): void {
  const found = filesView(submission).find((one) => one.path === file);
  if (found === undefined || found.content === null) {
    throw refused(`${where}file`, 'is no file of the submission that can be read');
  }
  const lines = found.content.split(/\r\n?|\n/).length;
  if (end > lines) throw refused(`${where}end_line`, `must be at most ${lines}, the last line of the file`);
}

function refused(path: string, reason: string): ProblemError {
  return new ProblemError('invalid_request', {
    detail: `body ${path} ${reason}.`,
    errors: [{ in: 'body', path, reason }],
  });
}
