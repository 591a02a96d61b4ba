'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'next-intl';
import type { SignedInSessions } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Time } from '../parts/time.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';

interface Given {
  userId: string;
  sessions: SignedInSessions['items'];
}

/** Where one is signed in; each can be ended, or all at once. */
export function Sessions({ userId, sessions }: Given) {
  const t = useTranslations('account');
  const router = useRouter();
  const [trouble, setTrouble] = useState<Trouble>();
  const run = async (ask: () => Promise<unknown>, leaves: boolean): Promise<void> => {
    try {
      setTrouble(undefined);
      await ask();
      if (leaves) window.location.assign('/sign-in');
      else router.refresh();
    } catch (error) {
      setTrouble(asTrouble(error));
    }
  };
  return (
    <div className="stack">
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <ul className="plain-list">
        {sessions.map((session) => (
          <li key={session.session_id} className="row">
            {session.current && <span className="tag good">{t('thisOne')}</span>}
            <span>
              {t('begun')} <Time at={session.created_at} />
            </span>
            <span className="hint">
              {t('seen')} <Time at={session.last_seen_at} />
            </span>
            <ConfirmButton
              className="button small danger"
              label={t('end')}
              about={session.created_at}
              question={t('endQuestion')}
              onConfirm={() =>
                void run(
                  () =>
                    callApi('endSession', { params: { user_id: userId, session_id: session.session_id } }),
                  session.current,
                )
              }
            />
          </li>
        ))}
      </ul>
      <p>
        <ConfirmButton
          className="button danger"
          label={t('endAll')}
          question={t('endAllQuestion')}
          onConfirm={() =>
            void run(
              () => callApi('endSessions', { params: { user_id: userId }, query: { keep_api_keys: 'true' } }),
              true,
            )
          }
        />
      </p>
    </div>
  );
}
