import { useTranslations } from 'next-intl';
import type { AttemptDetail } from '@cloudemy/contracts';

interface Given {
  left: AttemptDetail;
  right: AttemptDetail;
}

/** What an attempt says of one criterion, with the criterion as its rubric had it. */
interface Side {
  title: string | undefined;
  description: string | undefined;
  most: number | undefined;
  points: number | undefined;
  reason: string | undefined;
  evidence: string | null | undefined;
}

function sideOf({ assignment, criteria }: AttemptDetail, id: string): Side {
  const rule = assignment?.rubric.criteria.find((one) => one.criterion_id === id);
  const result = criteria.find((one) => one.criterion_id === id);
  return {
    title: rule?.title ?? result?.title,
    description: rule?.description,
    most: rule?.points ?? result?.max_points,
    points: result?.points,
    reason: result?.reason,
    evidence: result?.evidence,
  };
}

const idsOf = ({ assignment, criteria }: AttemptDetail): string[] =>
  (assignment?.rubric.criteria ?? criteria).map((one) => one.criterion_id);

/** Two attempts, criterion by criterion: what was asked, what was given, and why. */
export function Beside({ left, right }: Given) {
  const t = useTranslations('beside');
  const ids = [...new Set([...idsOf(left), ...idsOf(right)])];
  const sumOf = ({ score, max_score: max }: AttemptDetail): string =>
    score === null ? '—' : t('pointsOf', { points: score, max });
  return (
    <div className="card flush scroll" role="region" aria-label={t('title')} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('criterion')}</th>
            {[left, right].map((one, at) => (
              // oxlint-disable-next-line react/no-array-index-key
              <th key={at} scope="col">
                {t('column', { attempt: one.attempt, version: one.assignment_version })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t('sum')}</th>
            <td>
              <strong>{sumOf(left)}</strong>
            </td>
            <td>
              <strong>{sumOf(right)}</strong>
            </td>
          </tr>
          {ids.map((id) => {
            const [before, after] = [sideOf(left, id), sideOf(right, id)];
            return (
              <tr key={id}>
                <th scope="row">
                  {after.title ?? before.title ?? id}
                  {before.points !== after.points && (
                    <>
                      <br />
                      <span className="tag warn">{t('differs')}</span>
                    </>
                  )}
                </th>
                <Cell side={before} other={after} />
                <Cell side={after} other={before} />
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ side, other }: { side: Side; other: Side }) {
  const t = useTranslations('beside');
  const isOther = side.description !== other.description || side.most !== other.most;
  if (side.most === undefined) {
    return <td className="muted">{t('notIn')}</td>;
  }
  return (
    <td>
      <div className="stack-s beside">
        <p>
          <strong>
            {side.points === undefined
              ? t('noResult', { max: side.most })
              : t('pointsOf', { points: side.points, max: side.most })}
          </strong>
        </p>
        {side.reason !== undefined && side.reason !== '' && <p>{side.reason}</p>}
        {typeof side.evidence === 'string' && (
          <blockquote className="quote">
            <code>{side.evidence}</code>
          </blockquote>
        )}
        {isOther && side.description !== undefined && side.description !== '' && (
          <p className="hint">{t('asked', { text: side.description })}</p>
        )}
      </div>
    </td>
  );
}
