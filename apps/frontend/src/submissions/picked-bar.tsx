'use client';

import { useTranslations } from 'next-intl';
import { pickLines, usePickedLines } from './picked-lines.ts';

/** What can be done with the lines that are picked: opens the form about them. */
export function PickedBar({ actions }: { actions: readonly { label: string; form: string }[] }) {
  const t = useTranslations('submission');
  const picked = usePickedLines();
  const open = (id: string): void => {
    const details = document.getElementById(id);
    if (!(details instanceof HTMLDetailsElement)) return;
    details.open = true;
    details.scrollIntoView({ block: 'center' });
    details.querySelector('textarea')?.focus();
  };
  return (
    <div className="picked-bar" role="status">
      {picked === undefined ? (
        actions.length > 0 && <span className="hint">{t('pickHint')}</span>
      ) : (
        <>
          <span>{t('picked', { ...picked, count: picked.to - picked.from + 1 })}</span>
          {actions.map(({ label, form }) => (
            <button key={form} type="button" className="button small main" onClick={() => open(form)}>
              {label}
            </button>
          ))}
          <button type="button" className="button small" onClick={() => pickLines(undefined)}>
            {t('pickNone')}
          </button>
        </>
      )}
    </div>
  );
}
