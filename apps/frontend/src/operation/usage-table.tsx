import { getFormatter, getTranslations } from 'next-intl/server';
import type { UsageOfDay } from '@cloudemy/contracts';

/** What the model did and cost, day by day. */
export async function UsageTable({ usage }: { usage: readonly UsageOfDay[] }) {
  const [t, format] = await Promise.all([getTranslations('operation'), getFormatter()]);
  if (usage.length === 0) return <p className="muted">{t('noUsage')}</p>;
  return (
    // What scrolls has to be reached by keyboard.
    <div className="scroll" role="region" aria-label={t('usage')} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('day')}</th>
            <th scope="col" className="num">
              {t('graded')}
            </th>
            <th scope="col">{t('failures')}</th>
            <th scope="col" className="num">
              {t('tokens')}
            </th>
            <th scope="col" className="num">
              {t('cost')}
            </th>
          </tr>
        </thead>
        <tbody>
          {usage.map(({ day, graded, failed, tokens, cost_usd: cost }) => (
            <tr key={day}>
              <th scope="row">{format.dateTime(new Date(`${day}T00:00:00Z`), { dateStyle: 'medium' })}</th>
              <td className="num">{format.number(graded)}</td>
              <td>
                {Object.entries(failed)
                  .map(([code, count]) => `${code} × ${count}`)
                  .join(', ')}
              </td>
              <td className="num">{format.number(tokens)}</td>
              <td className="num">{format.number(cost, { maximumFractionDigits: 4 })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
