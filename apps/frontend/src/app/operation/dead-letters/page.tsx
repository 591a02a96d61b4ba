import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { loadSignedIn } from '../../../data/server.ts';
import { ReplayLetter } from '../../../operation/replay-letter.tsx';
import { Empty } from '../../../parts/empty.tsx';
import { Time } from '../../../parts/time.tsx';
import { TroublePage } from '../../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('operation'))('deadLetters') };
}

/** Messages that could not be worked on, and a way to have their submissions graded after all. */
export default async function DeadLettersPage({
  searchParams,
}: {
  searchParams: Promise<{ cursor?: string }>;
}) {
  const { cursor } = await searchParams;
  const [loaded, t] = await Promise.all([
    loadSignedIn(({ backend }) =>
      backend.listKeptMessages({ query: { limit: 50, ...(cursor === undefined ? {} : { cursor }) } }),
    ),
    getTranslations('operation'),
  ]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { items, next_cursor } = loaded.value;
  return (
    <main id="main">
      <div>
        <h1>{t('deadLetters')}</h1>
        <p className="muted">{t('deadLead')}</p>
      </div>
      {items.length === 0 && (
        <Empty title={t('noDeadLetters')}>
          <p className="muted">{t('noDeadLettersHint')}</p>
        </Empty>
      )}
      <ul className="plain-list">
        {items.map((letter) => (
          <li key={letter.dead_letter_id} className="card">
            <dl className="facts">
              <dt>{t('when')}</dt>
              <dd>
                <Time at={letter.created_at} />
              </dd>
              <dt>{t('reason')}</dt>
              <dd>{letter.reason}</dd>
              {letter.submission_id !== null && (
                <>
                  <dt>{t('submission')}</dt>
                  <dd>
                    <Link href={`/submissions/${letter.submission_id}`} prefetch={false}>
                      {letter.submission_id}
                    </Link>
                  </dd>
                </>
              )}
            </dl>
            <details>
              <summary>{t('message')}</summary>
              <pre className="scroll" tabIndex={0}>
                {letter.payload}
              </pre>
            </details>
            {letter.replayed_at === null ? (
              letter.submission_id !== null && <ReplayLetter id={letter.dead_letter_id} />
            ) : (
              <p>
                <span className="tag good">{t('replayed')}</span> <Time at={letter.replayed_at} />
              </p>
            )}
          </li>
        ))}
      </ul>
      {next_cursor !== null && (
        <p>
          <Link className="button" href={`/operation/dead-letters?cursor=${next_cursor}`} prefetch={false}>
            {t('more')}
          </Link>
        </p>
      )}
    </main>
  );
}
