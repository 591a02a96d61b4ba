'use client';

import { type SubmitEvent, useRef, useState } from 'react';
import { useTranslations } from 'next-intl';
import { callSession } from '../../data/browser.ts';
import { type Trouble, asTrouble } from '../../data/problem.ts';
import { TroubleNotice } from '../../parts/trouble.tsx';

interface Given {
  next: string;
  invitation: string;
  selfRegistration: boolean;
}

/** Signs in, makes an account, or takes an invitation: whichever the page is for. */
export function SignInForm({ next, invitation, selfRegistration }: Given) {
  const t = useTranslations('signIn');
  const [isNew, setIsNew] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const password = useRef<HTMLInputElement>(null);
  const isInvited = invitation !== '';
  const what = isInvited ? 'invitation' : isNew ? 'register' : 'login';

  const send = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.currentTarget));
    setBusy(true);
    setTrouble(undefined);
    try {
      await callSession(what, isInvited ? { invitation, ...fields } : fields);
      window.location.assign(next);
    } catch (error) {
      setTrouble(asTrouble(error));
      setBusy(false);
      password.current?.focus();
    }
  };

  return (
    <form className="card" onSubmit={(event) => void send(event)}>
      {trouble !== undefined && <TroubleNotice trouble={trouble} title={t('refused')} />}
      {!isInvited && (
        <label className="field">
          <span>{t('email')}</span>
          <input name="email" type="email" autoComplete="username" required />
        </label>
      )}
      {isNew && (
        <label className="field">
          <span>{t('name')}</span>
          <input name="display_name" autoComplete="name" required maxLength={200} />
        </label>
      )}
      <label className="field">
        <span>{t('password')}</span>
        <input
          ref={password}
          name="password"
          type="password"
          autoComplete={what === 'login' ? 'current-password' : 'new-password'}
          minLength={what === 'login' ? 1 : 12}
          required
        />
        {what !== 'login' && <span className="hint">{t('passwordRule')}</span>}
      </label>
      <button className="button main" disabled={busy}>
        {t(what)}
      </button>
      {selfRegistration && !isInvited && (
        <button type="button" className="button plain" onClick={() => setIsNew(!isNew)}>
          {isNew ? t('haveAccount') : t('needAccount')}
        </button>
      )}
      <p className="hint">{t('forgotten')}</p>
    </form>
  );
}
