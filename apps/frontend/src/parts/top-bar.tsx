import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { has, reader } from '../data/server.ts';
import { NavLinks } from './nav-links.tsx';
import { Preferences } from './preferences.tsx';
import { SignOut } from './sign-out.tsx';

/** Where one can go, by one's roles. */
export async function TopBar({ scheme }: { scheme: string }) {
  const [{ auth, me }, t] = await Promise.all([reader(), getTranslations('nav')]);
  const links = [
    ...(has(me, 'student', 'instructor')
      ? [
          { href: '/', label: t('work') },
          { href: '/courses', label: t('courses') },
        ]
      : []),
    ...(has(me, 'runner-operator') ? [{ href: '/benchmarks', label: t('benchmarks') }] : []),
    ...(has(me) ? [{ href: '/operation', label: t('operation') }] : []),
  ];
  return (
    <header className="bar">
      <Link className="brand" href="/" prefetch={false}>
        <svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true">
          <path
            d="M7 18a5 5 0 1 1 .9-9.92A6 6 0 0 1 19.5 10 4 4 0 0 1 18 18Z"
            fill="none"
            stroke="var(--accent)"
            strokeWidth="2"
          />
          <path d="m9 14 2 2 4-4" fill="none" stroke="var(--accent)" strokeWidth="2" />
        </svg>
        Cloudemy
      </Link>
      <nav aria-label={t('main')}>
        <NavLinks links={links} />
      </nav>
      <div className="tools">
        <Preferences scheme={scheme} />
        {auth?.mode === 'jwt' && me !== undefined && (
          <>
            <Link href="/account" className="button small plain" prefetch={false}>
              {me.display_name}
            </Link>
            <SignOut />
          </>
        )}
      </div>
    </header>
  );
}
