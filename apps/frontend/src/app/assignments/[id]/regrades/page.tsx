import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { type Clients, loadSignedIn } from '../../../../data/server.ts';
import { Empty } from '../../../../parts/empty.tsx';
import { Time } from '../../../../parts/time.tsx';
import { TroublePage } from '../../../../parts/trouble.tsx';
import { NewRegrade } from '../../../../regrades/new-regrade.tsx';
import { RegradeTag } from '../../../../regrades/regrade-tag.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('regrade'))('title') };
}

const all =
  (assignment_id: string) =>
  async ({ backend }: Clients) => {
    const [assignment, regrades, graded] = await Promise.all([
      backend.getAssignment({ params: { assignment_id } }),
      backend.listRegrades({ query: { assignment_id, limit: 50 } }),
      backend.listSubmissions({ query: { assignment_id, status: 'graded', limit: 200 } }),
    ]);
    return { assignment, regrades: regrades.items, graded: graded.items };
  };

/** Grading again: what was tried, and a new one. */
export default async function RegradesPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const [loaded, t] = await Promise.all([loadSignedIn(all(id)), getTranslations('regrade')]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { assignment, regrades, graded } = loaded.value;
  return (
    <main id="main">
      <div>
        <p>
          <Link href={`/assignments/${id}/submissions`} prefetch={false}>
            {t('back', { title: assignment.title })}
          </Link>
        </p>
        <h1>{t('title')}</h1>
        <p className="muted">{t('lead', { version: assignment.version })}</p>
      </div>
      <NewRegrade assignmentId={id} some={graded.map(({ submission_id }) => submission_id)} />
      <section className="stack-s" aria-label={t('former')}>
        <h2>{t('former')}</h2>
        {regrades.length === 0 ? (
          <Empty title={t('none')}>
            <p className="muted">{t('noneHint')}</p>
          </Empty>
        ) : (
          <ul className="plain-list card">
            {regrades.map((one) => (
              <li key={one.regrade_id} className="row">
                <RegradeTag regrade={one} />
                <Link href={`/assignments/${id}/regrades/${one.regrade_id}`} prefetch={false}>
                  {one.draft ? t('draftOf') : t('regradeOf')} <Time at={one.created_at} />
                </Link>
                <span className="muted">
                  {t('counts', { done: one.done, total: one.total, failed: one.failed })}
                  {one.draft && ` · ${t('appliedCount', { count: one.applied })}`}
                </span>
              </li>
            ))}
          </ul>
        )}
      </section>
    </main>
  );
}
