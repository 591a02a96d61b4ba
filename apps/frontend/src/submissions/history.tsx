import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import type { GradeChange, Submission } from '@cloudemy/contracts';
import { StatusTag } from '../parts/status-tag.tsx';
import { Time } from '../parts/time.tsx';

/** Every run of the grader, with its receipt in words. */
export async function Attempts({
  submission: { submission_id: id, attempts, grade },
}: {
  submission: Submission;
}) {
  const t = await getTranslations('submission');
  return (
    <section className="stack-s" aria-label={t('attempts')}>
      <div className="head">
        <h2>{t('attempts')}</h2>
        {attempts.length > 1 && (
          <Link className="button small" href={`/submissions/${id}/attempts`} prefetch={false}>
            {t('beside')}
          </Link>
        )}
      </div>
      <div className="card flush scroll" role="region" aria-label={t('attempts')} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('attempt')}</th>
              <th scope="col">{t('state')}</th>
              <th scope="col">{t('points')}</th>
              <th scope="col">{t('version')}</th>
              <th scope="col">{t('began')}</th>
              <th scope="col">{t('receipt')}</th>
            </tr>
          </thead>
          <tbody>
            {attempts.map((one) => (
              <tr key={one.attempt}>
                <th scope="row">
                  {one.attempt}{' '}
                  {grade?.attempt === one.attempt && <span className="tag good">{t('inForce')}</span>}
                </th>
                <td>
                  <StatusTag status={one.status} /> {one.failure?.message}
                </td>
                <td>{one.score === null ? '—' : t('pointsOf', { points: one.score, max: one.max_score })}</td>
                <td>{one.assignment_version}</td>
                <td>
                  <Time at={one.queued_at} />
                </td>
                <td>
                  {one.finished_at !== null && (
                    <Link href={`/submissions/${id}/receipt/${one.attempt}`} prefetch={false}>
                      {t('howGraded')}
                      <span className="visually-hidden"> {one.attempt}</span>
                    </Link>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Every grade that was in force: from whom, when and why. */
export async function Changes({
  changes,
  meId,
}: {
  changes: readonly GradeChange[];
  meId: string | undefined;
}) {
  const t = await getTranslations('submission');
  if (changes.length < 2) return null;
  const whoOf = (actor: string): string => {
    if (!actor.startsWith('user:')) return t('byGrader');
    return actor === `user:${meId}` ? t('byMe') : t('byPerson');
  };
  return (
    <section className="stack-s" aria-label={t('history')}>
      <h2>{t('history')}</h2>
      <ol className="timeline">
        {changes.toReversed().map((change) => (
          <li key={change.version}>
            <p className="row">
              <strong>{t('pointsOf', { points: change.score, max: change.max_score })}</strong>
              <span>{t(`source_${change.source}`, { attempt: change.attempt })}</span>
              <span className="muted">
                {whoOf(change.actor)}, <Time at={change.at} />
              </span>
            </p>
            {change.reason !== null && <p>{change.reason}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}
