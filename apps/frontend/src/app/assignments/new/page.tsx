import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { Language } from '@cloudemy/contracts';
import { AssignmentForm } from '../../../assignments/assignment-form.tsx';
import { has, loadSignedIn } from '../../../data/server.ts';
import { TroublePage } from '../../../parts/trouble.tsx';
import { troubleOf } from '../../../data/problem.ts';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('edit'))('new') };
}

export default async function NewAssignmentPage() {
  const [me, t] = await Promise.all([
    loadSignedIn(({ backend }) => backend.getMe({})),
    getTranslations('edit'),
  ]);
  if (!me.ok) return <TroublePage trouble={me.trouble} />;
  if (!has(me.value, 'instructor')) {
    return <TroublePage trouble={troubleOf(403, { detail: t('teachersOnly') })} />;
  }
  return (
    <main id="main">
      <h1>{t('new')}</h1>
      <AssignmentForm languages={Language.options} />
    </main>
  );
}
