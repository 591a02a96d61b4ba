import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { Language } from '@cloudemy/contracts';
import { AssignmentForm } from '../../../../assignments/assignment-form.tsx';
import { loadSignedIn } from '../../../../data/server.ts';
import { TroublePage } from '../../../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('edit'))('change') };
}

export default async function EditAssignmentPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const [loaded, t] = await Promise.all([
    loadSignedIn(({ backend }) => backend.getAssignment({ params: { assignment_id: id } })),
    getTranslations('edit'),
  ]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  return (
    <main id="main">
      <h1>{t('change')}</h1>
      <p className="muted">{t('versionHint', { version: loaded.value.version })}</p>
      <AssignmentForm languages={Language.options} assignment={loaded.value} />
    </main>
  );
}
