'use client';

import { useState } from 'react';
import { useTranslations } from 'next-intl';
import type { Regrade } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';

interface Given {
  regrade: Regrade;
  /** Submissions that are chosen; none means all. */
  chosen: ReadonlySet<string>;
  change: (ask: () => Promise<unknown>) => Promise<boolean>;
}

/** Stops and resumes a regrade; puts its grades in force, takes them back, or discards them. */
export function RegradeActions({ regrade, chosen, change }: Given) {
  const t = useTranslations('regrade');
  const params = { regrade_id: regrade.regrade_id };
  const underWay = regrade.state === 'preparing' || regrade.state === 'running';
  const isOpen = regrade.draft && regrade.discarded_at === null;
  return (
    <>
      <div className="row">
        {(underWay || regrade.state === 'paused') && (
          <button
            type="button"
            className="button"
            onClick={() => void change(() => callApi('cancelRegrade', { params }))}
          >
            {t('stop')}
          </button>
        )}
        {(regrade.state === 'paused' || (regrade.state === 'cancelled' && regrade.discarded_at === null)) && (
          <button
            type="button"
            className="button"
            onClick={() => void change(() => callApi('resumeRegrade', { params }))}
          >
            {t('resume')}
          </button>
        )}
        {isOpen && regrade.applied === 0 && (
          <ConfirmButton
            label={t('discard')}
            question={t('discardQuestion')}
            onConfirm={() => void change(() => callApi('discardRegrade', { params }))}
          />
        )}
      </div>
      {isOpen && !underWay && <InForce regrade={regrade} chosen={chosen} change={change} />}
    </>
  );
}

/** Applying and taking back need a reason, which students read. */
function InForce({ regrade, chosen, change }: Given) {
  const t = useTranslations('regrade');
  const [reason, setReason] = useState('');
  const [skip, setSkip] = useState(false);
  const params = { regrade_id: regrade.regrade_id };
  const body = {
    reason,
    skip_moved: skip,
    ...(chosen.size === 0 ? {} : { submission_ids: [...chosen] }),
  };
  const nothing = reason.trim() === '';
  return (
    <form
      className="stack-s"
      onSubmit={(event) => {
        event.preventDefault();
        void change(() => callApi('applyRegrade', { params, body }));
      }}
    >
      <label className="field">
        <span>{t('reason')}</span>
        <input required maxLength={2_000} value={reason} onChange={({ target }) => setReason(target.value)} />
      </label>
      <label className="row">
        <input type="checkbox" checked={skip} onChange={({ target }) => setSkip(target.checked)} />
        {t('skipMoved')}
      </label>
      <div className="row">
        <button className="button main" disabled={nothing}>
          {chosen.size === 0 ? t('applyAll') : t('applySome', { count: chosen.size })}
        </button>
        {regrade.applied > 0 && (
          <button
            type="button"
            className="button danger"
            disabled={nothing}
            onClick={() => void change(() => callApi('undoRegrade', { params, body }))}
          >
            {chosen.size === 0 ? t('undoAll') : t('undoSome', { count: chosen.size })}
          </button>
        )}
      </div>
    </form>
  );
}
