import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { ReviewCause } from '@cloudemy/contracts';

export interface GroupHead {
  group_id: string;
  score: number;
  max_score: number;
  causes: readonly ReviewCause[];
  count: number;
}

interface Given {
  groups: readonly GroupHead[];
  current: string;
  hrefOf: (group: string) => string;
}

/** Every group that is still to be seen, the largest first. */
export function GroupList({ groups, current, hrefOf }: Given) {
  const t = useTranslations('review');
  const causes = useTranslations('teach');
  return (
    <nav aria-label={t('groups')} className="group-list">
      <ol className="plain-list">
        {groups.map((group, at) => (
          <li key={group.group_id}>
            <Link
              href={hrefOf(group.group_id)}
              prefetch={false}
              className="group-link"
              {...(group.group_id === current ? { 'aria-current': 'true' as const } : {})}
            >
              <strong>{t('group', { number: at + 1, count: group.count })}</strong>
              <span className="muted">{t('pointsOf', { points: group.score, max: group.max_score })}</span>
              {group.causes.map((cause) => (
                <span key={cause} className="tag warn">
                  {causes(cause)}
                </span>
              ))}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}
