import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import type { Rubric, SubmissionSummary } from '@cloudemy/contracts';
import { HandIn } from '../../../assignments/hand-in.tsx';
import { type Clients, has, loadSignedIn, reader } from '../../../data/server.ts';
import { Prose } from '../../../parts/markdown.tsx';
import { StatusTag } from '../../../parts/status-tag.tsx';
import { Time } from '../../../parts/time.tsx';
import { TroublePage } from '../../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('assignment'))('title') };
}

const all =
  (assignment_id: string, user_id: string | undefined) =>
  async ({ backend }: Clients) => {
    const [assignment, submissions] = await Promise.all([
      backend.getAssignment({ params: { assignment_id } }),
      backend.listSubmissions({
        query: { assignment_id, limit: 20, ...(user_id === undefined ? {} : { user_id }) },
      }),
    ]);
    return { assignment, submissions: submissions.items };
  };

export default async function AssignmentPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const [{ me }, t] = await Promise.all([reader(), getTranslations('assignment')]);
  const loaded = await loadSignedIn(all(id, me?.user_id));
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { assignment, submissions } = loaded.value;
  const { title, description, language, rubric, max_score, limits, archived_at, owner_id } = assignment;
  const canTeach = has(me) || (has(me, 'instructor') && me?.user_id === owner_id);
  return (
    <main id="main" className="wide">
      <div className="head">
        <div>
          <p>
            <Link href="/" prefetch={false}>
              {t('all')}
            </Link>
          </p>
          <h1>{title}</h1>
          <p className="row">
            <span className="tag">{language}</span>
            <span className="muted">{t('points', { points: max_score })}</span>
          </p>
        </div>
        {canTeach && (
          <div className="row">
            <Link className="button" href={`/assignments/${id}/submissions`} prefetch={false}>
              {t('submissions')}
            </Link>
            <Link className="button" href={`/assignments/${id}/edit`} prefetch={false}>
              {t('edit')}
            </Link>
          </div>
        )}
      </div>
      <div className="split">
        <div className="stack">
          <section className="card" aria-label={t('task')}>
            <h2>{t('task')}</h2>
            <Prose text={description} />
          </section>
          <section className="card" aria-label={t('handIn')}>
            <h2>{t('handIn')}</h2>
            {archived_at === null ? (
              <HandIn assignmentId={id} language={language} maxBytes={limits.max_code_bytes} />
            ) : (
              <p className="notice warn">{t('archived')}</p>
            )}
          </section>
        </div>
        <div className="stack">
          <RubricCard rubric={rubric} />
          <Mine submissions={submissions} />
        </div>
      </div>
    </main>
  );
}

async function RubricCard({ rubric }: { rubric: Rubric }) {
  const t = await getTranslations('assignment');
  return (
    <section className="card" aria-label={t('rubric')}>
      <h2>{t('rubric')}</h2>
      <ul className="plain-list">
        {rubric.criteria.map((criterion) => (
          <li key={criterion.criterion_id}>
            <p className="row">
              <strong>{criterion.title}</strong>
              <span className="tag">{t('points', { points: criterion.points })}</span>
            </p>
            {criterion.description !== '' && <p className="muted">{criterion.description}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

async function Mine({ submissions }: { submissions: readonly SubmissionSummary[] }) {
  const t = await getTranslations('assignment');
  return (
    <section className="card" aria-label={t('mine')}>
      <h2>{t('mine')}</h2>
      {submissions.length === 0 ? (
        <p className="muted">{t('noneMine')}</p>
      ) : (
        <ul className="plain-list">
          {submissions.map((one) => (
            <li key={one.submission_id} className="row">
              <StatusTag status={one.status} />
              <Link href={`/submissions/${one.submission_id}`} prefetch={false}>
                <Time at={one.created_at} />
              </Link>
              {one.score !== null && <strong>{t('score', { score: one.score, max: one.max_score })}</strong>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
