import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { DeploymentTable } from '../../benchmarks/deployment-table.tsx';
import { servedNamespaces } from '../../benchmarks/namespaces.ts';
import { TroublePage } from '../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('benchmarks'))('title') };
}

export default async function BenchmarksPage() {
  const [namespaces, t] = await Promise.all([servedNamespaces(), getTranslations('benchmarks')]);
  if (!namespaces.ok) return <TroublePage trouble={namespaces.trouble} />;
  return (
    <main id="main" className="wide">
      <div className="head">
        <div>
          <h1>{t('title')}</h1>
          <p className="muted">{t('lead')}</p>
        </div>
        <Link className="button main" href="/benchmarks/new" prefetch={false}>
          {t('new')}
        </Link>
      </div>
      <DeploymentTable namespaces={namespaces.value} />
    </main>
  );
}
