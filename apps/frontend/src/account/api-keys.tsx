'use client';

import { useRouter } from 'next/navigation';
import { type SubmitEvent, useState } from 'react';
import { useTranslations } from 'next-intl';
import type { ApiKey, KeyScope } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { typed } from '../data/form.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Time } from '../parts/time.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';

/** API keys of one's own: made, shown once, revoked. */
export function ApiKeys({ keys, scopes }: { keys: readonly ApiKey[]; scopes: readonly KeyScope[] }) {
  const t = useTranslations('account');
  const router = useRouter();
  const [made, setMade] = useState('');
  const [trouble, setTrouble] = useState<Trouble>();
  const run = async (ask: () => Promise<unknown>): Promise<void> => {
    try {
      setTrouble(undefined);
      await ask();
      router.refresh();
    } catch (error) {
      setTrouble(asTrouble(error));
    }
  };
  const create = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    await run(async () => {
      const password = typed(given, 'password');
      const body = {
        name: typed(given, 'name'),
        scopes: scopes.filter((scope) => given.getAll('scope').includes(scope)),
        expires_in_days: Number(typed(given, 'days')),
        ...(password === '' ? {} : { password }),
      };
      setMade((await callApi('createApiKey', { body })).api_key);
      form.reset();
    });
  };
  return (
    <div className="stack">
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      {made !== '' && (
        <div className="notice good" role="status">
          <p>{t('keyOnce')}</p>
          <p className="row">
            <code>{made}</code> <CopyButton text={made} what={t('key')} />
          </p>
        </div>
      )}
      {keys.length === 0 ? (
        <p className="muted">{t('noKeys')}</p>
      ) : (
        <ul className="plain-list">
          {keys.map((key) => (
            <li key={key.api_key_id} className="row">
              <strong>{key.name}</strong> <span className="hint">{key.scopes.join(', ')}</span>
              <span>
                {t('until')} <Time at={key.expires_at} />
              </span>
              <ConfirmButton
                className="button small danger"
                label={t('revoke')}
                about={key.name}
                question={t('revokeQuestion', { name: key.name })}
                onConfirm={() =>
                  void run(() => callApi('deleteApiKey', { params: { api_key_id: key.api_key_id } }))
                }
              />
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary>{t('newKey')}</summary>
        <form className="stack-s" onSubmit={(event) => void create(event)}>
          <label className="field">
            <span>{t('keyName')}</span>
            <input name="name" required maxLength={200} />
          </label>
          <fieldset className="row">
            <legend>{t('scopes')}</legend>
            {scopes.map((scope) => (
              <label key={scope} className="row">
                <input type="checkbox" name="scope" value={scope} /> {scope}
              </label>
            ))}
          </fieldset>
          <label className="field">
            <span>{t('days')}</span>
            <input name="days" type="number" min={1} max={365} defaultValue={90} required />
          </label>
          <label className="field">
            <span>{t('passwordAgain')}</span>
            <input name="password" type="password" autoComplete="current-password" />
          </label>
          <p>
            <button className="button main">{t('makeKey')}</button>
          </p>
        </form>
      </details>
    </div>
  );
}
