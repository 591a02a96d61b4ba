import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import type { Submission } from '@cloudemy/contracts';
import { type Clients, has, loadSignedIn, reader } from '../../../../data/server.ts';
import { StatusTag } from '../../../../parts/status-tag.tsx';
import { TroublePage } from '../../../../parts/trouble.tsx';
import { Beside } from '../../../../submissions/beside.tsx';
import { RestoreGrade } from '../../../../submissions/review-forms.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('beside'))('title') };
}

interface Asked {
  left?: string;
  right?: string;
}

/** Two attempts: those that are asked for, else the one that counts and the last. */
function chosenOf({ attempts, grade }: Submission, { left, right }: Asked): [number, number] {
  const known = (text: string | undefined): number | undefined =>
    attempts.find(({ attempt }) => String(attempt) === text)?.attempt;
  const last = attempts.at(-1)?.attempt ?? 1;
  const counts = grade?.attempt ?? 1;
  const other = counts === last ? (attempts.at(-2)?.attempt ?? last) : counts;
  return [known(left) ?? other, known(right) ?? last];
}

const all =
  (submission_id: string, asked: Asked) =>
  async ({ backend }: Clients) => {
    const submission = await backend.getSubmission({ params: { submission_id } });
    const chosen = chosenOf(submission, asked);
    const [assignment, ...details] = await Promise.all([
      backend.getAssignment({ params: { assignment_id: submission.assignment_id } }),
      ...chosen.map((attempt) => backend.getAttempt({ params: { submission_id, attempt } })),
    ]);
    return { submission, assignment, chosen, details };
  };

/** Two attempts and the rubrics they were graded by, side by side. */
export default async function AttemptsPage({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>;
  searchParams: Promise<Asked>;
}) {
  const [{ id }, asked] = await Promise.all([params, searchParams]);
  const [loaded, { me }, t] = await Promise.all([
    loadSignedIn(all(id, asked)),
    reader(),
    getTranslations('beside'),
  ]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { submission, assignment, chosen, details } = loaded.value;
  const [left, right] = details;
  const isTeacher = has(me, 'instructor') && me?.user_id !== submission.user_id;
  const restorable = details.filter(
    ({ attempt, status, in_force }, at) =>
      status === 'graded' && !in_force && details.findIndex((one) => one.attempt === attempt) === at,
  );
  return (
    <main id="main" className="wide">
      <div>
        <p>
          <Link href={`/submissions/${id}`} prefetch={false}>
            {t('back', { title: assignment.title })}
          </Link>
        </p>
        <h1>{t('title')}</h1>
      </div>
      <form className="row" aria-label={t('choose')}>
        {(['left', 'right'] as const).map((side, at) => (
          <label key={side} className="field">
            <span>{t(side)}</span>
            <select name={side} defaultValue={chosen[at]}>
              {submission.attempts.map(({ attempt }) => (
                <option key={attempt} value={attempt}>
                  {t('attempt', { attempt })}
                </option>
              ))}
            </select>
          </label>
        ))}
        <button className="button">{t('show')}</button>
      </form>
      <div className="row">
        {details.map((one, at) => (
          // Both may be the same attempt.
          // oxlint-disable-next-line react/no-array-index-key
          <p key={at} className="row">
            <strong>{t('attempt', { attempt: one.attempt })}</strong>
            <StatusTag status={one.status} />
            {one.in_force && <span className="tag good">{t('inForce')}</span>}
            {one.draft && <span className="tag warn">{t('draft')}</span>}
            {one.failure?.message}
          </p>
        ))}
      </div>
      {left !== undefined && right !== undefined && <Beside left={left} right={right} />}
      {isTeacher && restorable.length > 0 && (
        <section className="cards" aria-label={t('restore')}>
          {restorable.map(({ attempt }) => (
            <details key={attempt} className="card">
              <summary>{t('restoreTitle', { attempt })}</summary>
              <RestoreGrade submissionId={id} version={submission.grade?.version} attempt={attempt} />
            </details>
          ))}
        </section>
      )}
    </main>
  );
}
