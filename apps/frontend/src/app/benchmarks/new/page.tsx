import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { DeployForm } from '../../../benchmarks/deploy-form.tsx';
import { servedNamespaces } from '../../../benchmarks/namespaces.ts';
import { TroublePage } from '../../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('deploy'))('title') };
}

export default async function NewBenchmarkPage() {
  const [namespaces, t] = await Promise.all([servedNamespaces(), getTranslations('deploy')]);
  if (!namespaces.ok) return <TroublePage trouble={namespaces.trouble} />;
  return (
    <main id="main" className="wide">
      <h1>{t('title')}</h1>
      <DeployForm namespaces={namespaces.value} />
    </main>
  );
}
