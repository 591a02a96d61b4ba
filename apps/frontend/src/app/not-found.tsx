import Link from 'next/link';
import { getTranslations } from 'next-intl/server';

export default async function NotFound() {
  const t = await getTranslations('trouble');
  return (
    <main id="main">
      <h1>{t('notFound')}</h1>
      <p>{t('notFoundPage')}</p>
      <p>
        <Link href="/" prefetch={false}>
          {t('home')}
        </Link>
      </p>
    </main>
  );
}
