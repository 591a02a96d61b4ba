'use client';

import { useTranslations } from 'next-intl';

/** What no page expected. The digest finds it in the log of the frontend. */
export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  const t = useTranslations('trouble');
  return (
    <main id="main">
      <h1>{t('broken')}</h1>
      <div className="notice bad" role="alert">
        <p>{t('brokenWhat')}</p>
        {error.digest !== undefined && (
          <p className="hint">
            {t('request')} <code>{error.digest}</code>
          </p>
        )}
      </div>
      <p>
        <button type="button" className="button" onClick={reset}>
          {t('again')}
        </button>
      </p>
    </main>
  );
}
