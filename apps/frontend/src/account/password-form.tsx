'use client';

import { type SubmitEvent, useState } from 'react';
import { useTranslations } from 'next-intl';
import { callSession } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { TroubleNotice } from '../parts/trouble.tsx';

/** Changes the password; every other session ends. */
export function PasswordForm() {
  const t = useTranslations('account');
  const [done, setDone] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const send = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    setTrouble(undefined);
    setDone(false);
    try {
      await callSession('password', {
        current_password: given.get('current'),
        new_password: given.get('new'),
        keep_api_keys: given.get('keep') === 'on',
      });
      form.reset();
      setDone(true);
    } catch (error) {
      setTrouble(asTrouble(error));
    }
  };
  return (
    <form className="stack-s" onSubmit={(event) => void send(event)}>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <label className="field">
        <span>{t('current')}</span>
        <input name="current" type="password" autoComplete="current-password" required />
      </label>
      <label className="field">
        <span>{t('new')}</span>
        <input name="new" type="password" autoComplete="new-password" minLength={12} required />
      </label>
      <label className="row">
        <input name="keep" type="checkbox" /> {t('keepKeys')}
      </label>
      <p className="row">
        <button className="button main">{t('change')}</button>
        <span role="status">{done ? t('changed') : ''}</span>
      </p>
    </form>
  );
}
