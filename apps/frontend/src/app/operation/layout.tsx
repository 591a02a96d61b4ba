import type { ReactNode } from 'react';
import { getTranslations } from 'next-intl/server';
import { NavLinks } from '../../parts/nav-links.tsx';

export default async function OperationLayout({ children }: { children: ReactNode }) {
  const t = await getTranslations('operation');
  const links = [
    { href: '/operation', label: t('health'), exact: true },
    { href: '/operation/users', label: t('users') },
    { href: '/operation/dead-letters', label: t('deadLetters') },
    { href: '/operation/policy', label: t('rules') },
    { href: '/operation/audit', label: t('audit') },
  ];
  return (
    <>
      <nav className="tabs sub-bar" aria-label={t('title')}>
        <NavLinks links={links} />
      </nav>
      {children}
    </>
  );
}
