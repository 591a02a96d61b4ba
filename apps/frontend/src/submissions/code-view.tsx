import { getTranslations } from 'next-intl/server';
import type { Comment, SubmittedFile } from '@cloudemy/contracts';
import { CopyButton } from '../parts/copy-button.tsx';
import { codeLines } from './highlight.ts';
import './submissions.css';

/** What was handed in, line by line; comments stand beneath their last line. */
export async function CodeView({
  submissionId,
  files,
  comments,
}: {
  submissionId: string;
  files: readonly SubmittedFile[];
  comments: readonly Comment[];
}) {
  const t = await getTranslations('submission');
  return (
    <div className="stack">
      {await Promise.all(
        files.map(async (file) => {
          const lines = file.content === null ? [] : await codeLines(file.content, file.language);
          return (
            <figure key={file.path} className="card flush code">
              <figcaption className="row">
                <strong>{file.path}</strong>
                <span className="hint grow">{t('bytes', { count: file.bytes })}</span>
                {file.content !== null && <CopyButton text={file.content} what={file.path} />}
                <a
                  className="button small"
                  href={`/api/submissions/${submissionId}/file?path=${encodeURIComponent(file.path)}`}
                  download
                >
                  {t('download')}
                  <span className="visually-hidden"> {file.path}</span>
                </a>
              </figcaption>
              {file.content === null ? (
                <p className="hint code-note">{t('notRead')}</p>
              ) : (
                // A region that scrolls has to be reached by keyboard.
                <ol
                  className="code-lines"
                  tabIndex={0}
                  aria-label={t('codeOf', { file: file.path })}
                  data-code={file.path}
                >
                  {lines.map((tokens, index) => {
                    const number = index + 1;
                    const below = comments.filter((one) => one.file === file.path && one.end_line === number);
                    return (
                      // Lines never change places.
                      // oxlint-disable-next-line react/no-array-index-key
                      <li key={number} data-file={file.path} data-line={number}>
                        <span className="code-number" data-pick aria-hidden="true">
                          {number}
                        </span>
                        <code>
                          {tokens.map((token, at) => (
                            <span
                              // oxlint-disable-next-line react/no-array-index-key
                              key={at}
                              style={
                                token.light === undefined
                                  ? undefined
                                  : { color: `light-dark(${token.light}, ${token.dark ?? token.light})` }
                              }
                            >
                              {token.text}
                            </span>
                          ))}
                          {'\n'}
                        </code>
                        {below.map((comment) => (
                          <p key={comment.comment_id} className="code-comment">
                            {t('commentOn', { from: comment.start_line, to: comment.end_line })}:{' '}
                            {comment.text}
                          </p>
                        ))}
                      </li>
                    );
                  })}
                </ol>
              )}
            </figure>
          );
        }),
      )}
    </div>
  );
}
