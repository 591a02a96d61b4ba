import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import { reader } from '../../data/server.ts';
import { TroublePage } from '../../parts/trouble.tsx';
import { SignInForm } from './sign-in-form.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('signIn'))('title') };
}

/** A path of these pages: never another site's. */
const ownPath = (next: string | undefined): string =>
  next !== undefined && /^\/(?![/\\])/.test(next) ? next : '/';

export default async function SignInPage({
  searchParams,
}: {
  searchParams: Promise<{ next?: string; invitation?: string; refused?: string }>;
}) {
  const { next, invitation, refused } = await searchParams;
  const { auth, me, trouble } = await reader();
  if (trouble !== undefined) return <TroublePage trouble={trouble} />;
  if (me !== undefined && invitation === undefined) redirect(ownPath(next));
  const t = await getTranslations('signIn');
  const issuer = auth?.issuer ?? null;
  if (issuer !== null) {
    return (
      <main id="main" className="narrow">
        <h1>{t('title')}</h1>
        <div className="card">
          {refused !== undefined && (
            <p className="notice bad" role="alert">
              {refused === 'access_denied' ? t('denied') : refused === 'expired' ? t('expired') : t('failed')}
            </p>
          )}
          <p>{t('elsewhere', { host: new URL(issuer).host })}</p>
          <p>
            {/* Not a link of the router: the server answers with a way to another site. */}
            <a className="button main" href={`/session/oidc/begin?next=${encodeURIComponent(ownPath(next))}`}>
              {t('atProvider')}
            </a>
          </p>
        </div>
      </main>
    );
  }
  return (
    <main id="main" className="narrow">
      <h1>{invitation === undefined ? t('title') : t('invited')}</h1>
      <SignInForm
        next={ownPath(next)}
        invitation={invitation ?? ''}
        selfRegistration={auth?.self_registration === true}
      />
    </main>
  );
}
