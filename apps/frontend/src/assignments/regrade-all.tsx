'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { useTranslations } from 'next-intl';
import type { Regrade } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { TroubleNotice } from '../parts/trouble.tsx';

const lookEveryMs = 2_000;
const isUnderWay = (regrade: Regrade | undefined): boolean =>
  regrade?.state === 'preparing' || regrade?.state === 'running';

/** Grades everything again by the assignment as it is now, and shows how far that is. */
export function RegradeAll({ assignmentId, last }: { assignmentId: string; last: Regrade | undefined }) {
  const t = useTranslations('teach');
  const router = useRouter();
  const [regrade, setRegrade] = useState(last);
  const [trouble, setTrouble] = useState<Trouble>();
  const id = regrade?.regrade_id;
  const underWay = isUnderWay(regrade);
  useEffect(() => {
    if (!underWay || id === undefined) return undefined;
    const look = async (): Promise<void> => {
      try {
        const now = await callApi('getRegrade', { params: { regrade_id: id } });
        setRegrade(now);
        if (!isUnderWay(now)) router.refresh();
      } catch (error) {
        setTrouble(asTrouble(error));
      }
    };
    const timer = window.setInterval(() => void look(), lookEveryMs);
    return () => window.clearInterval(timer);
  }, [underWay, id, router]);
  const call = async (ask: () => Promise<Regrade>): Promise<void> => {
    try {
      setTrouble(undefined);
      setRegrade(await ask());
    } catch (error) {
      setTrouble(asTrouble(error));
    }
  };
  return (
    <div className="stack-s">
      <div className="row">
        {regrade !== undefined && underWay && (
          <>
            <span role="status">
              {t('regrading', { done: regrade.done + regrade.failed, total: regrade.total })}
            </span>
            <button
              type="button"
              className="button"
              onClick={() =>
                void call(() => callApi('cancelRegrade', { params: { regrade_id: regrade.regrade_id } }))
              }
            >
              {t('stopRegrade')}
            </button>
          </>
        )}
        {!underWay && (
          <ConfirmButton
            className="button"
            label={t('regradeAll')}
            question={t('regradeQuestion')}
            onConfirm={() =>
              void call(() =>
                callApi('regradeAssignment', { params: { assignment_id: assignmentId }, body: {} }),
              )
            }
          />
        )}
      </div>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
    </div>
  );
}
