import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import type { OperationState } from '@cloudemy/contracts';
import { load, loadSignedIn } from '../../data/server.ts';
import { DeployerHealth } from '../../operation/deployer-health.tsx';
import { UsageTable } from '../../operation/usage-table.tsx';
import { Time } from '../../parts/time.tsx';
import { TroubleNotice, TroublePage } from '../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('operation'))('health') };
}

/** Whether all parts work, and in words what does not. */
export default async function OperationPage() {
  const [operation, status, t] = await Promise.all([
    loadSignedIn(({ backend }) => backend.getOperation({})),
    load(({ deployer }) => deployer.getStatus({})),
    getTranslations('operation'),
  ]);
  if (!operation.ok && operation.trouble.status === 403) return <TroublePage trouble={operation.trouble} />;
  return (
    <main id="main">
      <h1>{t('health')}</h1>
      <div className="cards">
        <section className="card" aria-label={t('backend')}>
          <h2>{t('backend')}</h2>
          {operation.ok ? <Parts state={operation.value} /> : <TroubleNotice trouble={operation.trouble} />}
        </section>
        <section className="card" aria-label={t('deployer')}>
          <h2>{t('deployer')}</h2>
          {status.ok ? <DeployerHealth status={status.value} /> : <TroubleNotice trouble={status.trouble} />}
        </section>
        {operation.ok && (
          <section className="card" aria-label={t('queue')}>
            <h2>{t('queue')}</h2>
            <Queue state={operation.value} />
          </section>
        )}
      </div>
      {operation.ok && (
        <section className="card" aria-label={t('usage')}>
          <h2>{t('usage')}</h2>
          <UsageTable usage={operation.value.usage} />
        </section>
      )}
    </main>
  );
}

async function Parts({ state: { checks } }: { state: OperationState }) {
  const t = await getTranslations('operation');
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

async function Queue({ state }: { state: OperationState }) {
  const t = await getTranslations('operation');
  const { active, waiting, dead_letters: letters } = state;
  const jobs = active.filter(({ status }) => status !== 'queued').reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      {waiting !== null && (
        <p className="notice warn">
          {waiting.message} <Time at={waiting.since} />
        </p>
      )}
      <ul className="plain-list">
        {active.map(({ status, count, oldest_seconds: seconds }) => (
          <li key={status}>
            <strong>{count}</strong> {t(status)}
            {count > 0 && <span className="hint"> · {t('oldestFor', { time: inWords(seconds) })}</span>}
          </li>
        ))}
        <li>
          <strong>{t('inFlight', { count: jobs })}</strong>
        </li>
        <li className="row">
          {t('keptMessages', { count: letters })}
          {letters > 0 && (
            <Link href="/operation/dead-letters" prefetch={false}>
              {t('look')}
            </Link>
          )}
        </li>
      </ul>
    </>
  );
}

/** `1 h 5 min`, in units that both languages write alike. */
function inWords(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
