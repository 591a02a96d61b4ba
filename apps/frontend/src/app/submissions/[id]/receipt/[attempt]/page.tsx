import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import type { Receipt } from '@cloudemy/contracts';
import { type Clients, loadSignedIn } from '../../../../../data/server.ts';
import { StatusTag } from '../../../../../parts/status-tag.tsx';
import { Time } from '../../../../../parts/time.tsx';
import { TroublePage } from '../../../../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('receipt'))('title') };
}

const all =
  (submission_id: string, attempt: string) =>
  async ({ backend }: Clients) => {
    // What is no number is no attempt, and so not there.
    const params = { submission_id, attempt: Number(attempt) || 0 };
    const [{ receipt }, detail] = await Promise.all([
      backend.getReceipt({ params }),
      backend.getAttempt({ params }),
    ]);
    return { receipt, detail };
  };

/** The receipt of an attempt in words: what part a machine had, what was passed on, what can be done. */
export default async function ReceiptPage({ params }: { params: Promise<{ id: string; attempt: string }> }) {
  const { id, attempt } = await params;
  const [loaded, t] = await Promise.all([loadSignedIn(all(id, attempt)), getTranslations('receipt')]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { receipt, detail } = loaded.value;
  return (
    <main id="main">
      <div className="head">
        <div>
          <p>
            <Link href={`/submissions/${id}`} prefetch={false}>
              {t('back')}
            </Link>
          </p>
          <h1>{t('heading', { attempt: receipt.attempt })}</h1>
          <p className="muted">
            {t('handedIn')} <Time at={receipt.submitted_at} />
          </p>
        </div>
        <a
          className="button"
          href={`/api/submissions/${id}/attempts/${receipt.attempt}/receipt`}
          download={`receipt-${id}-${receipt.attempt}.json`}
        >
          {t('download')}
        </a>
      </div>
      <Machine model={receipt.model} isGraded={receipt.result !== null} />
      <section className="card" aria-label={t('found')}>
        <h2>{t('found')}</h2>
        {receipt.result === null ? (
          <p className="row">
            <StatusTag status={detail.status} /> {t('noResult')} {detail.failure?.message}
          </p>
        ) : (
          <ul>
            {detail.criteria.map((one) => (
              <li key={one.criterion_id}>
                <strong>{one.title ?? one.criterion_id}</strong>:{' '}
                {t(one.met ? 'met' : 'unmet', { points: one.points, max: one.max_points })} {one.reason}
              </li>
            ))}
          </ul>
        )}
      </section>
      <Decided receipt={receipt} />
      <section className="card" aria-label={t('passedOn')}>
        <h2>{t('passedOn')}</h2>
        <p>{t('passedOnWhat')}</p>
      </section>
      <section className="card" aria-label={t('canDo')}>
        <h2>{t('canDo')}</h2>
        <p>{t('canAsk')}</p>
        <p>{t('canVerify')}</p>
        <p>
          <code>
            cloudemy verify receipt-{id}-{receipt.attempt}.json
          </code>
        </p>
      </section>
    </main>
  );
}

async function Machine({ model, isGraded }: { model: Receipt['model']; isGraded: boolean }) {
  const t = await getTranslations('receipt');
  return (
    <section className="card" aria-label={t('machine')}>
      <h2>{t('machine')}</h2>
      {model === null ? (
        <p>{t('noModel')}</p>
      ) : (
        <>
          <p>{t('model', { model: model.reported ?? model.asked_for ?? '?' })}</p>
          {isGraded && <p>{t('rule')}</p>}
          <p className="muted">
            {t('cost', { exchanges: model.exchanges, tokens: model.total_tokens ?? 0 })}
          </p>
        </>
      )}
    </section>
  );
}

async function Decided({ receipt: { in_force: inForce, changes } }: { receipt: Receipt }) {
  const t = await getTranslations('receipt');
  return (
    <section className="card" aria-label={t('who')}>
      <h2>{t('who')}</h2>
      {inForce === null ? (
        <p>{t('nothingInForce')}</p>
      ) : (
        <>
          <p>
            {t('inForce', { score: inForce.score, max: inForce.max_score, attempt: inForce.attempt })}{' '}
            {inForce.source === 'attempt' ? t('noPerson') : t('person')}
          </p>
          {changes.length > 1 && <p className="muted">{t('changes', { count: changes.length })}</p>}
        </>
      )}
    </section>
  );
}
