'use client';

import { useTranslations } from 'next-intl';
import { callSession } from '../data/browser.ts';

/** Ends the session here and at the backend. */
export function SignOut() {
  const t = useTranslations('signIn');
  const signOut = async (): Promise<void> => {
    await callSession('logout', {});
    // A whole load: nothing of what was shown stays in memory.
    window.location.assign('/sign-in');
  };
  return (
    <button type="button" className="button small" onClick={() => void signOut()}>
      {t('signOut')}
    </button>
  );
}
