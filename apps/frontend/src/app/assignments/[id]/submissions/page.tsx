import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { SubmissionStatus } from '@cloudemy/contracts';
import type { AssignmentStats, ReviewItem, SubmissionSummary } from '@cloudemy/contracts';
import { type Clients, loadSignedIn } from '../../../../data/server.ts';
import { Empty } from '../../../../parts/empty.tsx';
import { StatusTag } from '../../../../parts/status-tag.tsx';
import { Time } from '../../../../parts/time.tsx';
import { TroublePage } from '../../../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('teach'))('title') };
}

interface Asked {
  status?: string;
  cursor?: string;
}

const all =
  (assignment_id: string, { status, cursor }: Asked) =>
  async ({ backend }: Clients) => {
    const params = { assignment_id };
    const known = SubmissionStatus.safeParse(status).data;
    const [assignment, stats, queue, submissions] = await Promise.all([
      backend.getAssignment({ params }),
      backend.getAssignmentStats({ params }),
      backend.getReviewQueue({ params, query: { limit: 20 } }),
      backend.listSubmissions({
        query: {
          assignment_id,
          limit: 50,
          ...(known === undefined ? {} : { status: known }),
          ...(cursor === undefined ? {} : { cursor }),
        },
      }),
    ]);
    const owners = [...new Set(submissions.items.map(({ user_id }) => user_id))];
    const users = await Promise.all(
      owners.map((user_id) => backend.getUser({ params: { user_id } }).catch(() => undefined)),
    );
    const names = new Map(
      users.flatMap((user) => (user === undefined ? [] : [[user.user_id, user.display_name]])),
    );
    return { assignment, stats, queue: queue.items, submissions, names };
  };

/** Everything that was handed in for an assignment, and what somebody should look at. */
export default async function SubmissionsPage({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>;
  searchParams: Promise<Asked>;
}) {
  const [{ id }, asked] = await Promise.all([params, searchParams]);
  const [loaded, t, words] = await Promise.all([
    loadSignedIn(all(id, asked)),
    getTranslations('teach'),
    getTranslations('status'),
  ]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { assignment, stats, queue, submissions, names } = loaded.value;
  return (
    <main id="main" className="wide">
      <div className="head">
        <div>
          <p>
            <Link href={`/assignments/${id}`} prefetch={false}>
              {assignment.title}
            </Link>
          </p>
          <h1>{t('title')}</h1>
        </div>
        <div className="row">
          <Link className="button main" href={`/assignments/${id}/review`} prefetch={false}>
            {t('review')}
          </Link>
          <Link className="button" href={`/assignments/${id}/regrades`} prefetch={false}>
            {t('regradeAll')}
          </Link>
        </div>
      </div>
      <Stats stats={stats} />
      <ReviewQueue items={queue} />
      <section className="stack-s" aria-label={t('all')}>
        <h2>{t('all')}</h2>
        <nav className="row tabs" aria-label={t('filter')}>
          {['', ...SubmissionStatus.options].map((status) => (
            <Link
              key={status}
              href={`/assignments/${id}/submissions${status === '' ? '' : `?status=${status}`}`}
              prefetch={false}
              {...((asked.status ?? '') === status ? { 'aria-current': 'page' as const } : {})}
            >
              {isStatus(status) ? words(status) : t('every')}
            </Link>
          ))}
        </nav>
        {submissions.items.length === 0 ? (
          <Empty title={t('none')}>
            <p className="muted">{t('noneHint')}</p>
          </Empty>
        ) : (
          <SubmissionTable items={submissions.items} names={names} />
        )}
        {submissions.next_cursor !== null && (
          <p>
            <Link
              className="button"
              href={`/assignments/${id}/submissions?${new URLSearchParams({ ...asked, cursor: submissions.next_cursor })}`}
              prefetch={false}
            >
              {t('older')}
            </Link>
          </p>
        )}
      </section>
    </main>
  );
}

const isStatus = (text: string): text is SubmissionStatus => SubmissionStatus.safeParse(text).success;

async function Stats({ stats: { submissions, by_status, scores } }: { stats: AssignmentStats }) {
  const t = await getTranslations('teach');
  const most = Math.max(1, ...scores.distribution);
  const percent = (share: number | null): string => (share === null ? '—' : `${Math.round(share * 100)} %`);
  return (
    <section className="cards" aria-label={t('figures')}>
      <div className="card">
        <h2>{t('handedIn')}</h2>
        <p className="figure">{submissions}</p>
        <p className="muted">{t('ofThem', { graded: by_status.graded, failed: by_status.failed })}</p>
      </div>
      <div className="card">
        <h2>{t('mean')}</h2>
        <p className="figure">{percent(scores.mean)}</p>
        <p className="muted">{t('median', { share: percent(scores.median) })}</p>
      </div>
      <div className="card">
        <h2>{t('distribution')}</h2>
        <div
          className="bars"
          role="img"
          aria-label={scores.distribution.map((count, band) => `${band * 10} %: ${count}`).join(', ')}
        >
          {scores.distribution.map((count, band) => (
            // Bands never change places.
            // oxlint-disable-next-line react/no-array-index-key
            <span key={band} style={{ height: `${(100 * count) / most}%` }} />
          ))}
        </div>
      </div>
    </section>
  );
}

async function ReviewQueue({ items }: { items: readonly ReviewItem[] }) {
  const t = await getTranslations('teach');
  if (items.length === 0) return null;
  return (
    <section className="stack-s" aria-label={t('look')}>
      <h2>{t('look')}</h2>
      <ul className="plain-list card">
        {items.map((item) => (
          <li key={item.submission_id} className="row">
            {item.causes.map((cause) => (
              <span key={cause} className="tag warn">
                {t(cause)}
              </span>
            ))}
            <Link href={`/submissions/${item.submission_id}`} prefetch={false}>
              {t('open')} <Time at={item.created_at} />
            </Link>
            {item.score !== null && (
              <span className="muted">{t('score', { score: item.score, max: item.max_score })}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

async function SubmissionTable({
  items,
  names,
}: {
  items: readonly SubmissionSummary[];
  names: ReadonlyMap<string, string>;
}) {
  const t = await getTranslations('teach');
  return (
    <div className="card flush scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{t('who')}</th>
            <th scope="col">{t('when')}</th>
            <th scope="col">{t('state')}</th>
            <th scope="col" className="num">
              {t('points')}
            </th>
            <th scope="col">{t('flags')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.submission_id}>
              <th scope="row">
                <Link href={`/submissions/${one.submission_id}`} prefetch={false}>
                  {names.get(one.user_id) ?? one.user_id}
                </Link>
              </th>
              <td>
                <Time at={one.created_at} />
              </td>
              <td>
                <StatusTag status={one.status} /> {one.failure?.message}
              </td>
              <td className="num">
                {one.score === null ? '—' : t('score', { score: one.score, max: one.max_score })}
              </td>
              <td>
                <span className="row">
                  {one.fail_tags.map((tag) => (
                    <span key={tag} className="tag">
                      {tag}
                    </span>
                  ))}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
