'use client';

import { useTranslations } from 'next-intl';
import { callSession } from '../data/browser.ts';

/** Ends the session here, and where it was begun. */
export function SignOut() {
  const t = useTranslations('signIn');
  const signOut = async (): Promise<void> => {
    const answer = await callSession('logout', {});
    // A provider has a session of its own to end.
    const next: unknown = answer instanceof Object ? Reflect.get(answer, 'continue') : undefined;
    // A whole load: nothing of what was shown stays in memory.
    window.location.assign(typeof next === 'string' ? next : '/sign-in');
  };
  return (
    <button type="button" className="button small" onClick={() => void signOut()}>
      {t('signOut')}
    </button>
  );
}
