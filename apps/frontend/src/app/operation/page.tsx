import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import type { SystemStatus } from '@cloudemy/contracts';
import { load, loadSignedIn } from '../../data/server.ts';
import { readiness } from '../../operation/readiness.ts';
import { Time } from '../../parts/time.tsx';
import { TroubleNotice, TroublePage } from '../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('operation'))('health') };
}

/** Whether all parts work, and in words what does not. */
export default async function OperationPage() {
  const [me, backend, status, active, t] = await Promise.all([
    loadSignedIn((clients) => clients.backend.getMe({})),
    readiness(),
    load(({ deployer }) => deployer.getStatus({})),
    load(async (clients) => {
      const states = ['queued', 'scheduled', 'running'] as const;
      const pages = await Promise.all(
        states.map((one) => clients.backend.listSubmissions({ query: { status: one, limit: 200 } })),
      );
      return states.map((state, index) => ({ state, page: pages[index] }));
    }),
    getTranslations('operation'),
  ]);
  if (!me.ok) return <TroublePage trouble={me.trouble} />;
  return (
    <main id="main">
      <h1>{t('health')}</h1>
      <div className="cards">
        <section className="card" aria-label={t('backend')}>
          <h2>{t('backend')}</h2>
          <Checks checks={backend} />
        </section>
        <section className="card" aria-label={t('deployer')}>
          <h2>{t('deployer')}</h2>
          {status.ok ? <Deployer status={status.value} /> : <TroubleNotice trouble={status.trouble} />}
        </section>
        <section className="card" aria-label={t('queue')}>
          <h2>{t('queue')}</h2>
          {active.ok ? (
            <ul className="plain-list">
              {active.value.map(({ state, page }) => {
                const [first] = page?.items ?? [];
                const oldest = page?.items.at(-1);
                return (
                  <li key={state}>
                    <p>
                      <strong>
                        {page?.items.length ?? 0}
                        {page?.next_cursor === null ? '' : '+'}
                      </strong>{' '}
                      {t(state)}
                    </p>
                    {oldest !== undefined && (
                      <p className="hint">
                        {t('oldest')} <Time at={oldest.created_at} />
                      </p>
                    )}
                    {first?.waiting !== null && first?.waiting !== undefined && (
                      <p className="notice warn">{first.waiting.message}</p>
                    )}
                  </li>
                );
              })}
            </ul>
          ) : (
            <TroubleNotice trouble={active.trouble} />
          )}
        </section>
      </div>
    </main>
  );
}

async function Checks({ checks }: { checks: Awaited<ReturnType<typeof readiness>> }) {
  const t = await getTranslations('operation');
  if (checks === undefined) return <p className="notice bad">{t('silent')}</p>;
  return (
    <ul className="plain-list">
      {checks.map(({ name, ok, detail }) => (
        <li key={name} className="row">
          <span className={`tag ${ok ? 'good' : 'bad'}`}>{ok ? t('works') : t('fails')}</span> {name}
          {detail !== undefined && <span className="muted">{detail}</span>}
        </li>
      ))}
    </ul>
  );
}

async function Deployer({ status }: { status: SystemStatus }) {
  const t = await getTranslations('operation');
  const { cluster, database, sessions, permissions, policy } = status;
  const missing = permissions.flatMap((one) => one.missing);
  return (
    <>
      <ul className="plain-list">
        <li className="row">
          <span className={`tag ${cluster.reachable ? 'good' : 'bad'}`}>
            {cluster.reachable ? t('works') : t('fails')}
          </span>
          {t('cluster', { context: cluster.context, version: cluster.version ?? '—' })}
          {cluster.message}
        </li>
        <li className="row">
          <span className={`tag ${database.reachable ? 'good' : 'bad'}`}>
            {database.reachable ? t('works') : t('fails')}
          </span>
          {t('database')} {database.message}
        </li>
        <li className="row">
          <span className={`tag ${missing.length === 0 ? 'good' : 'bad'}`}>
            {missing.length === 0 ? t('works') : t('fails')}
          </span>
          {t('permissions', { count: missing.length })}
        </li>
      </ul>
      {missing.length > 0 && (
        <ul>
          {missing.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      <p className="muted">{t('terminals', { open: sessions.open })}</p>
      <p className="muted">{t('policy', { level: policy.level })}</p>
    </>
  );
}
