import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { Trouble } from '../data/problem.ts';
import { CopyButton } from './copy-button.tsx';

/** An error in the words of the service that gave it, with what to tell an operator. */
export function TroubleNotice({ trouble, title }: { trouble: Trouble; title?: string }) {
  const t = useTranslations('trouble');
  const fallback = trouble.status === 0 ? t('unreachable') : t('answered', { status: trouble.status });
  return (
    <div className="notice bad" role="alert">
      <strong>{title ?? t('title')}</strong>
      <p>{trouble.detail === '' ? fallback : trouble.detail}</p>
      {trouble.errors.length > 0 && (
        <ul>
          {trouble.errors.map((error) => (
            <li key={`${error.path} ${error.line ?? ''} ${error.reason}`}>
              {error.path !== '' && <code>{error.path}</code>} {error.reason}
            </li>
          ))}
        </ul>
      )}
      {trouble.requestId !== undefined && (
        <p className="hint row">
          {t('request')} <code>{trouble.requestId}</code>
          <CopyButton text={trouble.requestId} what={t('requestId')} />
        </p>
      )}
    </div>
  );
}

/** A whole page that could not be shown: not there, not allowed, or not reachable. */
export function TroublePage({ trouble }: { trouble: Trouble }) {
  const t = useTranslations('trouble');
  const title =
    trouble.status === 403 ? t('forbidden') : trouble.status === 404 ? t('notFound') : t('unavailable');
  return (
    <main id="main">
      <h1>{title}</h1>
      <TroubleNotice trouble={trouble} title={title} />
      {trouble.status === 403 && <p className="muted">{t('whoMay')}</p>}
      <p>
        <Link href="/" prefetch={false}>
          {t('home')}
        </Link>
      </p>
    </main>
  );
}
