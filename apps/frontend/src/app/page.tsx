import { redirect } from 'next/navigation';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { has, loadSignedIn, reader } from '../data/server.ts';
import { Empty } from '../parts/empty.tsx';
import { StatusTag } from '../parts/status-tag.tsx';
import { Time } from '../parts/time.tsx';
import { TroublePage } from '../parts/trouble.tsx';

/** My work: what is to be handed in, and what was. */
export default async function HomePage() {
  const { me } = await reader();
  if (me !== undefined && !has(me, 'student', 'instructor')) redirect('/benchmarks');
  const loaded = await loadSignedIn(async ({ backend }) => {
    const [assignments, submissions] = await Promise.all([
      backend.listAssignments({ query: { limit: 100, archived: 'false' } }),
      backend.listSubmissions({
        query: { limit: 100, ...(me === undefined ? {} : { user_id: me.user_id }) },
      }),
    ]);
    return { assignments: assignments.items, submissions: submissions.items };
  });
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { assignments, submissions } = loaded.value;
  const t = await getTranslations('work');
  const canTeach = has(me, 'instructor');
  return (
    <main id="main">
      <div className="head">
        <div>
          <h1>{t('title')}</h1>
          <p className="muted">{t('lead')}</p>
        </div>
        {canTeach && (
          <Link className="button main" href="/assignments/new" prefetch={false}>
            {t('newAssignment')}
          </Link>
        )}
      </div>
      {assignments.length === 0 ? (
        <Empty title={t('none')}>
          <p className="muted">{canTeach ? t('noneTeacher') : t('noneStudent')}</p>
        </Empty>
      ) : (
        <ul className="plain-list cards">
          {assignments.map((assignment) => {
            const mine = submissions.filter((one) => one.assignment_id === assignment.assignment_id);
            const best = mine.reduce<number | undefined>(
              (most, { score }) => (score === null ? most : Math.max(most ?? 0, score)),
              undefined,
            );
            const last = mine[0];
            return (
              <li key={assignment.assignment_id} className="card">
                <h2>
                  <Link href={`/assignments/${assignment.assignment_id}`} prefetch={false}>
                    {assignment.title}
                  </Link>
                </h2>
                <p className="row">
                  <span className="tag">{assignment.language}</span>
                  <span className="muted">{t('points', { points: assignment.max_score })}</span>
                </p>
                {last === undefined ? (
                  <p className="muted">{t('notHandedIn')}</p>
                ) : (
                  <p className="row">
                    <StatusTag status={last.status} />
                    <Link href={`/submissions/${last.submission_id}`} prefetch={false}>
                      {t('last')} <Time at={last.created_at} />
                    </Link>
                    {best !== undefined && (
                      <strong>{t('best', { score: best, max: assignment.max_score })}</strong>
                    )}
                  </p>
                )}
                {canTeach && (
                  <p>
                    <Link href={`/assignments/${assignment.assignment_id}/submissions`} prefetch={false}>
                      {t('allSubmissions')}
                      <span className="visually-hidden">: {assignment.title}</span>
                    </Link>
                  </p>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </main>
  );
}
