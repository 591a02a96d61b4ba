'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'next-intl';
import { callApi } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';

/** Has the submission of a dead letter graded again. */
export function ReplayLetter({ id }: { id: string }) {
  const t = useTranslations('operation');
  const router = useRouter();
  const [trouble, setTrouble] = useState<Trouble>();
  const replay = async (): Promise<void> => {
    try {
      setTrouble(undefined);
      await callApi('replayKeptMessage', { params: { dead_letter_id: id } });
      router.refresh();
    } catch (error) {
      setTrouble(asTrouble(error));
    }
  };
  return (
    <div className="stack-s">
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <p>
        <ConfirmButton
          className="button"
          label={t('replay')}
          about={id}
          question={t('replayQuestion')}
          onConfirm={() => void replay()}
        />
      </p>
    </div>
  );
}
