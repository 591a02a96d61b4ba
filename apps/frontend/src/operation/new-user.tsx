'use client';

import { useRouter } from 'next/navigation';
import { type SubmitEvent, useState } from 'react';
import { useTranslations } from 'next-intl';
import type { Role } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { typed } from '../data/form.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { TroubleNotice } from '../parts/trouble.tsx';
import { InvitationLink } from './invitation-link.tsx';

/** Makes an account and the link by which its owner chooses a password. */
export function NewUser({ roles }: { roles: readonly Role[] }) {
  const t = useTranslations('operation');
  const router = useRouter();
  const [invitation, setInvitation] = useState('');
  const [trouble, setTrouble] = useState<Trouble>();
  const send = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const role = roles.find((one) => one === given.get('role')) ?? 'student';
    setTrouble(undefined);
    setInvitation('');
    try {
      const body = {
        email: typed(given, 'email'),
        display_name: typed(given, 'display_name'),
        roles: [role],
      };
      const { user_id } = await callApi('createUser', { body });
      form.reset();
      router.refresh();
      setInvitation((await callApi('inviteUser', { params: { user_id } })).invitation);
    } catch (error) {
      setTrouble(asTrouble(error));
    }
  };
  return (
    <form className="stack-s" onSubmit={(event) => void send(event)}>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <div className="row">
        <label className="field grow">
          <span>{t('email')}</span>
          <input name="email" type="email" required />
        </label>
        <label className="field grow">
          <span>{t('name')}</span>
          <input name="display_name" required maxLength={200} />
        </label>
        <label className="field">
          <span>{t('role')}</span>
          <select name="role">
            {roles.map((role) => (
              <option key={role}>{role}</option>
            ))}
          </select>
        </label>
      </div>
      <p>
        <button className="button main">{t('create')}</button>
      </p>
      {invitation !== '' && <InvitationLink invitation={invitation} />}
    </form>
  );
}
