'use client';

import Link from 'next/link';
import { useFormatter, useTranslations } from 'next-intl';
import type { RegradeResult } from '@cloudemy/contracts';

interface Given {
  items: readonly RegradeResult[];
  /** Whether some can be chosen, to be put in force. */
  isDraft: boolean;
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
}

/** Each submission before and after; what differs most is first. */
export function ResultTable({ items, isDraft, chosen, onChoose }: Given) {
  const t = useTranslations('regrade');
  const ready = items.filter(({ state }) => state === 'done').map(({ submission_id }) => submission_id);
  const toggle = (id: string, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    onChoose(next);
  };
  if (items.length === 0) return <p className="muted">{t('noResults')}</p>;
  return (
    <div className="card flush scroll" role="region" aria-label={t('results')} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {isDraft && (
              <th scope="col">
                <input
                  type="checkbox"
                  aria-label={t('chooseAll')}
                  checked={ready.length > 0 && ready.every((id) => chosen.has(id))}
                  onChange={({ target }) => onChoose(new Set(target.checked ? ready : []))}
                />
              </th>
            )}
            <th scope="col">{t('submission')}</th>
            <th scope="col" className="num">
              {t('before')}
            </th>
            <th scope="col" className="num">
              {t('after')}
            </th>
            <th scope="col" className="num">
              {t('change')}
            </th>
            <th scope="col">{t('state')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Row
              key={item.submission_id}
              item={item}
              choice={
                isDraft
                  ? { on: chosen.has(item.submission_id), set: (on) => toggle(item.submission_id, on) }
                  : undefined
              }
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  item: RegradeResult;
  choice: { on: boolean; set: (on: boolean) => void } | undefined;
}

function Row({ item, choice }: RowProps) {
  const t = useTranslations('regrade');
  const format = useFormatter();
  const { submission_id: id, before, change } = item;
  const pointsOf = (of: { score: number | null; max_score: number } | null): string =>
    of === null || of.score === null ? '—' : t('pointsOf', { points: of.score, max: of.max_score });
  const beside =
    item.old === null || item.new === null
      ? `/submissions/${id}`
      : `/submissions/${id}/attempts?left=${item.old.attempt}&right=${item.new.attempt}`;
  return (
    <tr>
      {choice !== undefined && (
        <td>
          <input
            type="checkbox"
            aria-label={t('chooseOne', { id: id.slice(-6) })}
            disabled={item.state !== 'done'}
            checked={choice.on}
            onChange={({ target }) => choice.set(target.checked)}
          />
        </td>
      )}
      <th scope="row">
        <Link href={beside} prefetch={false}>
          {t('compare', { id: id.slice(-6) })}
        </Link>
      </th>
      <td className="num">{pointsOf(before)}</td>
      <td className="num">{pointsOf(item.new)}</td>
      <td className="num">
        {change === null ? (
          '—'
        ) : (
          <span className={`tag ${change > 0 ? 'good' : change < 0 ? 'bad' : ''}`}>
            {format.number(change, { signDisplay: 'exceptZero' })}
          </span>
        )}
      </td>
      <td>
        <span className="row">
          {t(`item_${item.state}`)}
          {item.applied && <span className="tag good">{t('applied')}</span>}
          {item.new?.failure?.message}
        </span>
      </td>
    </tr>
  );
}
