'use client';

import { useCallback, useEffect, useState } from 'react';
import { useTranslations } from 'next-intl';
import type { Regrade, RegradeResult } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { TroubleNotice } from '../parts/trouble.tsx';
import { RegradeActions } from './regrade-actions.tsx';
import { RegradeTag } from './regrade-tag.tsx';
import { ResultTable } from './result-table.tsx';

/** Milliseconds between two looks at a regrade under way. */
const lookEveryMs = 1_500;

export interface Results {
  items: RegradeResult[];
  next_cursor: string | null;
}

interface Given {
  first: Regrade;
  firstResults: Results;
}

/** Follows a regrade while it runs; what it changes can then be put in force, all or some. */
export function RegradeView({ first, firstResults }: Given) {
  const t = useTranslations('regrade');
  const [regrade, setRegrade] = useState(first);
  const [results, setResults] = useState(firstResults);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [trouble, setTrouble] = useState<Trouble>();
  const { regrade_id } = first;
  const underWay = regrade.state === 'preparing' || regrade.state === 'running';
  const look = useCallback(async (): Promise<void> => {
    const params = { regrade_id };
    const [now, page] = await Promise.all([
      callApi('getRegrade', { params }),
      callApi('listRegradeResults', { params, query: { sort: 'change', limit: 200 } }),
    ]);
    setRegrade(now);
    setResults(page);
  }, [regrade_id]);
  useEffect(() => {
    if (!underWay) return undefined;
    const timer = window.setInterval(() => {
      look().catch((error: unknown) => setTrouble(asTrouble(error)));
    }, lookEveryMs);
    return () => window.clearInterval(timer);
  }, [underWay, look]);

  const change = async (ask: () => Promise<unknown>): Promise<boolean> => {
    try {
      setTrouble(undefined);
      await ask();
      setChosen(new Set());
      await look();
      return true;
    } catch (error) {
      setTrouble(asTrouble(error));
      return false;
    }
  };
  const more = async (): Promise<void> => {
    const page = await callApi('listRegradeResults', {
      params: { regrade_id },
      query: { sort: 'change', limit: 200, cursor: results.next_cursor ?? '' },
    });
    setResults({ items: [...results.items, ...page.items], next_cursor: page.next_cursor });
  };
  return (
    <>
      <section className="card" aria-label={t('progress')}>
        <p className="row" role="status">
          <RegradeTag regrade={regrade} />
          {underWay && <span className="spin" aria-hidden="true" />}
          {t('counts', { done: regrade.done, total: regrade.total, failed: regrade.failed })}
          {regrade.skipped > 0 && ` · ${t('skipped', { count: regrade.skipped })}`}
          {regrade.draft && ` · ${t('appliedCount', { count: regrade.applied })}`}
        </p>
        <progress
          aria-label={t('progress')}
          max={Math.max(1, regrade.total)}
          value={regrade.total - regrade.queued - regrade.running}
        />
        {regrade.paused_for !== null && (
          <p className="notice warn">{t('pausedFor', { message: regrade.paused_for.message })}</p>
        )}
        <RegradeActions regrade={regrade} chosen={chosen} change={change} />
        {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      </section>
      <section className="stack-s" aria-label={t('results')}>
        <h2>{t('results')}</h2>
        <ResultTable
          items={results.items}
          isDraft={regrade.draft && regrade.discarded_at === null}
          chosen={chosen}
          onChoose={setChosen}
        />
        {results.next_cursor !== null && (
          <p>
            <button type="button" className="button" onClick={() => void change(more)}>
              {t('more')}
            </button>
          </p>
        )}
      </section>
    </>
  );
}
