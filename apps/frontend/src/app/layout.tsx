import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { cookies } from 'next/headers';
import { NextIntlClientProvider } from 'next-intl';
import { getLocale, getTranslations } from 'next-intl/server';
import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/layout.css';
import '../styles/parts.css';
import { TopBar } from '../parts/top-bar.tsx';

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('app');
  return { title: { default: 'Cloudemy', template: '%s · Cloudemy' }, description: t('description') };
}

export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

/** The frame of every page. Reading cookies makes each one dynamic, which its nonces need. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const [locale, t, store] = await Promise.all([getLocale(), getTranslations('app'), cookies()]);
  const scheme = store.get('cloudemy-scheme')?.value;
  return (
    <html lang={locale} {...(scheme === 'light' || scheme === 'dark' ? { 'data-scheme': scheme } : {})}>
      <body>
        <a className="skip" href="#main">
          {t('skip')}
        </a>
        <NextIntlClientProvider>
          <TopBar scheme={scheme ?? 'system'} />
          {children}
        </NextIntlClientProvider>
      </body>
    </html>
  );
}
