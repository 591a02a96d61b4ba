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
  searchParams: Promise<{ next?: string; invitation?: string }>;
}) {
  const { next, invitation } = await searchParams;
  const { auth, me, trouble } = await reader();
  if (trouble !== undefined) return <TroublePage trouble={trouble} />;
  if (me !== undefined && invitation === undefined) redirect(ownPath(next));
  const t = await getTranslations('signIn');
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
