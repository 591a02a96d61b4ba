'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'next-intl';
import type { User } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';
import { InvitationLink } from './invitation-link.tsx';

/** What an administrator does with an account. Nobody locks themselves out. */
export function UserActions({ user, isMe }: { user: User; isMe: boolean }) {
  const t = useTranslations('operation');
  const router = useRouter();
  const [invitation, setInvitation] = useState('');
  const [trouble, setTrouble] = useState<Trouble>();
  const params = { user_id: user.user_id };
  const run = async (ask: () => Promise<unknown>): Promise<void> => {
    try {
      setTrouble(undefined);
      await ask();
      router.refresh();
    } catch (error) {
      setTrouble(asTrouble(error));
    }
  };
  const invite = async (): Promise<void> =>
    run(async () => setInvitation((await callApi('inviteUser', { params })).invitation));
  const about = <span className="visually-hidden"> {user.display_name}</span>;
  return (
    <div className="stack-s">
      <div className="row">
        <button type="button" className="button small" onClick={() => void invite()}>
          {t('invite')}
          {about}
        </button>
        <ConfirmButton
          className="button small"
          label={t('signOut')}
          about={user.display_name}
          question={t('signOutQuestion', { name: user.display_name })}
          onConfirm={() => void run(() => callApi('endSessions', { params }))}
        />
        {!isMe && (
          <ConfirmButton
            className="button small danger"
            label={user.disabled ? t('enable') : t('disable')}
            about={user.display_name}
            question={user.disabled ? t('enableQuestion') : t('disableQuestion', { name: user.display_name })}
            onConfirm={() =>
              void run(() => callApi('updateUser', { params, body: { disabled: !user.disabled } }))
            }
          />
        )}
      </div>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      {invitation !== '' && <InvitationLink invitation={invitation} />}
    </div>
  );
}
