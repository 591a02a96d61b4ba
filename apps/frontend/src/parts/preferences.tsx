'use client';

import { useRouter } from 'next/navigation';
import { useLocale, useTranslations } from 'next-intl';

const aYear = 31_536_000;

/** Keeps a choice in this browser; the server reads it when it writes the page. */
function keep(name: string, value: string): void {
  document.cookie = `${name}=${value}; Path=/; Max-Age=${aYear}; SameSite=Lax`;
}

/** Language and colours. */
export function Preferences({ scheme }: { scheme: string }) {
  const t = useTranslations('preferences');
  const locale = useLocale();
  const router = useRouter();
  const chooseScheme = (chosen: string): void => {
    keep('cloudemy-scheme', chosen);
    if (chosen === 'system') delete document.documentElement.dataset['scheme'];
    else document.documentElement.dataset['scheme'] = chosen;
  };
  const chooseLocale = (chosen: string): void => {
    keep('cloudemy-language', chosen);
    router.refresh();
  };
  return (
    <>
      <select
        aria-label={t('language')}
        defaultValue={locale}
        onChange={({ target }) => chooseLocale(target.value)}
      >
        <option value="en">English</option>
        <option value="ko">한국어</option>
      </select>
      <select
        aria-label={t('colours')}
        defaultValue={scheme}
        onChange={({ target }) => chooseScheme(target.value)}
      >
        <option value="system">{t('system')}</option>
        <option value="light">{t('light')}</option>
        <option value="dark">{t('dark')}</option>
      </select>
    </>
  );
}
