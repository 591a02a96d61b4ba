import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { type Clients, loadSignedIn } from '../../../../../data/server.ts';
import { TroublePage } from '../../../../../parts/trouble.tsx';
import { RegradeView } from '../../../../../regrades/regrade-view.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('regrade'))('one') };
}

const all =
  (assignment_id: string, regrade_id: string) =>
  async ({ backend }: Clients) => {
    const [assignment, regrade, results] = await Promise.all([
      backend.getAssignment({ params: { assignment_id } }),
      backend.getRegrade({ params: { regrade_id } }),
      backend.listRegradeResults({ params: { regrade_id }, query: { sort: 'change', limit: 200 } }),
    ]);
    return { assignment, regrade, results };
  };

/** One regrade: how far it is, what it changes, and whether that is to count. */
export default async function RegradePage({ params }: { params: Promise<{ id: string; regrade: string }> }) {
  const { id, regrade } = await params;
  const [loaded, t] = await Promise.all([loadSignedIn(all(id, regrade)), getTranslations('regrade')]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { assignment, regrade: first, results } = loaded.value;
  return (
    <main id="main" className="wide">
      <div>
        <p>
          <Link href={`/assignments/${id}/regrades`} prefetch={false}>
            {t('allOf', { title: assignment.title })}
          </Link>
        </p>
        <h1>{first.draft ? t('draft') : t('one')}</h1>
      </div>
      <RegradeView first={first} firstResults={results} />
    </main>
  );
}
