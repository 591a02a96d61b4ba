'use client';

import { type RefObject, useState } from 'react';
import { useTranslations } from 'next-intl';
import type { ReviewGroup } from '@cloudemy/contracts';
import { callApi } from '../data/browser.ts';
import { type Trouble, asTrouble } from '../data/problem.ts';
import { TroubleNotice } from '../parts/trouble.tsx';
import { type Settled, decisionOf, forEach, sumOf } from './settle.ts';

interface Given {
  group: ReviewGroup;
  formRef: RefObject<HTMLFormElement | null>;
  firstField: RefObject<HTMLInputElement | null>;
  onSettled: (results: readonly Settled[]) => void;
}

/** Points for a whole group: what they would be for each, then put in force for all at once. */
export function SettleForm({ group, formRef, firstField, onSettled }: Given) {
  const t = useTranslations('review');
  const [points, setPoints] = useState<ReadonlyMap<string, string>>(new Map());
  const [reason, setReason] = useState(t('defaultReason'));
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const decision = decisionOf(group.criteria, points);
  const sum = sumOf(decision);
  const { length: count } = group.submissions;
  const settle = async (): Promise<void> => {
    setBusy(true);
    setTrouble(undefined);
    const results = await forEach(group.submissions, async ({ submission_id, grade_version: version }) => {
      const { grade } = await callApi('decideGrade', {
        params: { submission_id },
        body: { criteria: decision, reason, version },
      });
      return grade?.version ?? version;
    });
    setBusy(false);
    const refused = results.find(({ error }) => error !== undefined);
    if (refused !== undefined) setTrouble(asTrouble(refused.error));
    onSettled(results);
  };
  return (
    <form
      ref={formRef}
      className="card"
      aria-label={t('decide')}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void settle();
      }}
    >
      <div className="row">
        {group.criteria.map((one, at) => (
          <label key={one.criterion_id} className="field">
            <span>{one.title ?? one.criterion_id}</span>
            <span className="row">
              <input
                ref={at === 0 ? firstField : undefined}
                className="points"
                type="number"
                step="any"
                min={0}
                max={one.max_points}
                value={points.get(one.criterion_id) ?? String(one.points)}
                onChange={({ target }) => setPoints(new Map(points).set(one.criterion_id, target.value))}
              />
              <span className="muted">{t('ofMax', { max: one.max_points })}</span>
            </span>
          </label>
        ))}
      </div>
      <label className="field">
        <span>{t('reason')}</span>
        <input required maxLength={2_000} value={reason} onChange={({ target }) => setReason(target.value)} />
      </label>
      <p className="row">
        <button className="button main" disabled={busy}>
          {sum === group.score ? t('confirm', { count }) : t('settle', { count })} <kbd>y</kbd>
        </button>
        <span role="status">
          {t('preview', { count, before: group.score, after: sum, max: group.max_score })}
        </span>
      </p>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
    </form>
  );
}
