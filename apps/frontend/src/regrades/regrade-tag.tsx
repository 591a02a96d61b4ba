import { useTranslations } from 'next-intl';
import type { Regrade } from '@cloudemy/contracts';

const looks: Record<Regrade['state'], string> = {
  preparing: 'busy',
  running: 'busy',
  paused: 'warn',
  done: 'good',
  cancelled: '',
};

/** How a regrade stands, in a word. */
export function RegradeTag({ regrade: { state, discarded_at } }: { regrade: Regrade }) {
  const t = useTranslations('regrade');
  if (discarded_at !== null) return <span className="tag">{t('discarded')}</span>;
  return <span className={`tag ${looks[state]}`}>{t(state)}</span>;
}
