import { useTranslations } from 'next-intl';
import type { CriterionResult } from '@cloudemy/contracts';

/** Every criterion with its points and why; its button marks the lines it speaks of. */
export function Criteria({ criteria }: { criteria: readonly CriterionResult[] }) {
  const t = useTranslations('submission');
  return (
    <ul className="plain-list">
      {criteria.map((one) => {
        const look = one.points >= one.max_points ? 'met' : one.points > 0 ? 'part' : 'unmet';
        const title = one.title ?? one.criterion_id;
        return (
          <li key={one.criterion_id} className={`criterion ${look}`} data-criterion={one.criterion_id}>
            <div className="head">
              <h3>{title}</h3>
              <span className={`tag ${look === 'met' ? 'good' : look === 'part' ? 'warn' : 'bad'}`}>
                {t('pointsOf', { points: one.points, max: one.max_points })}
              </span>
            </div>
            <p>{one.reason}</p>
            {one.evidence !== null && <blockquote>{one.evidence}</blockquote>}
            {one.start_line !== undefined && one.start_line !== null && (
              <p>
                <button type="button" className="button small" data-show={one.criterion_id}>
                  {t('showLines', {
                    from: one.start_line,
                    to: one.end_line ?? one.start_line,
                    count: (one.end_line ?? one.start_line) - one.start_line + 1,
                  })}
                  <span className="visually-hidden">: {title}</span>
                </button>
              </p>
            )}
            {one.original !== undefined && (
              <p className="hint">
                {t('original', { points: one.original.points, reason: one.original.reason })}
              </p>
            )}
          </li>
        );
      })}
    </ul>
  );
}
