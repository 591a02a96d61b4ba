import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import type { ReviewGroup, ReviewItem } from '@cloudemy/contracts';
import { type Clients, loadSignedIn } from '../../../../data/server.ts';
import { Empty } from '../../../../parts/empty.tsx';
import { TroublePage } from '../../../../parts/trouble.tsx';
import { ReviewDesk } from '../../../../review/review-desk.tsx';
import { CodeView } from '../../../../submissions/code-view.tsx';
import { Criteria } from '../../../../submissions/criteria.tsx';
import { Marking } from '../../../../submissions/marking.tsx';
import { marksOf } from '../../../../submissions/marks.ts';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('review'))('title') };
}

interface Asked {
  group?: string;
  only?: string;
}

/** Those that somebody should look at are first, then the largest groups. */
function ordered(groups: readonly ReviewGroup[], queue: readonly ReviewItem[], only: string | undefined) {
  const causes = new Map(queue.map((item) => [item.submission_id, item.causes]));
  const withCauses = groups.map((group) => ({
    ...group,
    causes: [
      ...new Set([
        ...group.causes,
        ...group.submissions.flatMap((one) => causes.get(one.submission_id) ?? []),
      ]),
    ],
  }));
  return only === 'asked' ? withCauses.filter((group) => group.causes.length > 0) : withCauses;
}

const all =
  (assignment_id: string, { group, only }: Asked) =>
  async ({ backend }: Clients) => {
    const params = { assignment_id };
    const [assignment, { items, groups, submissions }, queue] = await Promise.all([
      backend.getAssignment({ params }),
      backend.listReviewGroups({ params, query: { limit: 200 } }),
      backend.getReviewQueue({ params, query: { limit: 200 } }),
    ]);
    const list = ordered(items, queue.items, only);
    const current = list.find((one) => one.group_id === group) ?? list[0];
    const first = current?.submissions[0]?.submission_id;
    const [sample, comments] =
      first === undefined
        ? [undefined, undefined]
        : await Promise.all([
            backend.getSubmission({ params: { submission_id: first } }),
            backend.listComments({ params: { submission_id: first } }),
          ]);
    const failed = queue.items.filter(({ causes }) => causes.includes('failed'));
    return {
      assignment,
      list,
      groups,
      submissions,
      current,
      sample,
      comments: comments?.items ?? [],
      failed,
    };
  };

/** What no person has decided yet: like submissions together, one after the other, by keys alone. */
export default async function ReviewPage({
  params,
  searchParams,
}: {
  params: Promise<{ id: string }>;
  searchParams: Promise<Asked>;
}) {
  const [{ id }, asked] = await Promise.all([params, searchParams]);
  const [loaded, t] = await Promise.all([loadSignedIn(all(id, asked)), getTranslations('review')]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { assignment, list, submissions, current, sample, comments, failed } = loaded.value;
  return (
    <main id="main" className="wide">
      <div className="head">
        <div>
          <p>
            <Link href={`/assignments/${id}/submissions`} prefetch={false}>
              {t('back', { title: assignment.title })}
            </Link>
          </p>
          <h1>{t('title')}</h1>
          <p className="muted">{t('lead', { groups: list.length, submissions })}</p>
        </div>
        <nav className="row tabs" aria-label={t('which')}>
          {(['all', 'asked'] as const).map((which) => (
            <Link
              key={which}
              href={`/assignments/${id}/review${which === 'all' ? '' : '?only=asked'}`}
              prefetch={false}
              {...((asked.only ?? 'all') === which ? { 'aria-current': 'page' as const } : {})}
            >
              {t(which)}
            </Link>
          ))}
        </nav>
      </div>
      {failed.length > 0 && (
        <p className="notice warn">
          {t('failed', { count: failed.length })}{' '}
          <Link href={`/assignments/${id}/submissions?status=failed`} prefetch={false}>
            {t('seeFailed')}
          </Link>
        </p>
      )}
      {current === undefined || sample === undefined ? (
        <Empty title={t('none')}>
          <p className="muted">{t('noneHint')}</p>
        </Empty>
      ) : (
        <ReviewDesk
          key={current.group_id}
          assignmentId={id}
          only={asked.only}
          groups={list.map(({ group_id, score, max_score, causes, submissions: of }) => ({
            group_id,
            score,
            max_score,
            causes,
            count: of.length,
          }))}
          current={current}
          files={sample.files.flatMap(({ path, content }) => (content === null ? [] : [path]))}
        >
          <Marking marks={marksOf(sample)}>
            <section aria-label={t('code')}>
              <CodeView submissionId={sample.submission_id} files={sample.files} comments={comments} />
            </section>
            <section className="stack" aria-label={t('criteria')}>
              <Criteria criteria={sample.criteria} />
            </section>
          </Marking>
        </ReviewDesk>
      )}
    </main>
  );
}
