import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { AuditOutcome, AuditEvent, type AuditRecord } from '@cloudemy/contracts';
import { loadSignedIn } from '../../../data/server.ts';
import { Empty } from '../../../parts/empty.tsx';
import { Time } from '../../../parts/time.tsx';
import { TroublePage } from '../../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('operation'))('audit') };
}

interface Asked {
  service?: string;
  event?: string;
  outcome?: string;
  cursor?: string;
}

/** Who did what on either service, and what was refused. */
export default async function AuditPage({ searchParams }: { searchParams: Promise<Asked> }) {
  const asked = await searchParams;
  const outcome = AuditOutcome.safeParse(asked.outcome).data;
  const event = AuditEvent.safeParse(asked.event).data;
  const query = {
    limit: 50,
    ...(outcome === undefined ? {} : { outcome }),
    ...(event === undefined ? {} : { event }),
    ...(asked.cursor === undefined ? {} : { cursor: asked.cursor }),
  };
  const service = asked.service === 'deployer' ? 'deployer' : 'backend';
  const [loaded, t] = await Promise.all([
    loadSignedIn((clients) =>
      service === 'deployer' ? clients.deployer.listAudit({ query }) : clients.backend.listAudit({ query }),
    ),
    getTranslations('operation'),
  ]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { items, next_cursor } = loaded.value;
  return (
    <main id="main" className="wide">
      <h1>{t('audit')}</h1>
      <form className="row">
        <label className="field">
          <span>{t('service')}</span>
          <select name="service" defaultValue={service}>
            <option value="backend">{t('backend')}</option>
            <option value="deployer">{t('deployer')}</option>
          </select>
        </label>
        <label className="field">
          <span>{t('outcome')}</span>
          <select name="outcome" defaultValue={outcome ?? ''}>
            <option value="">{t('everything')}</option>
            {AuditOutcome.options.map((one) => (
              <option key={one} value={one}>
                {t(one)}
              </option>
            ))}
          </select>
        </label>
        <label className="field grow">
          <span>{t('event')}</span>
          <input name="event" defaultValue={event ?? ''} pattern="[a-zA-Z_]{1,64}" />
        </label>
        <button className="button main">{t('show')}</button>
      </form>
      {items.length === 0 ? <Empty title={t('noRecords')} /> : <Records items={items} />}
      {next_cursor !== null && (
        <p>
          <Link
            className="button"
            href={`/operation/audit?${new URLSearchParams({ ...asked, cursor: next_cursor })}`}
            prefetch={false}
          >
            {t('more')}
          </Link>
        </p>
      )}
    </main>
  );
}

const looks = { begun: 'busy', succeeded: 'good', refused: 'bad', failed: 'warn' } as const;

async function Records({ items }: { items: readonly AuditRecord[] }) {
  const t = await getTranslations('operation');
  return (
    <div className="card flush scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{t('when')}</th>
            <th scope="col">{t('event')}</th>
            <th scope="col">{t('outcome')}</th>
            <th scope="col">{t('who')}</th>
            <th scope="col">{t('what')}</th>
            <th scope="col">{t('detail')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.audit_id}>
              <td>
                <Time at={one.at} />
              </td>
              <th scope="row">
                {one.event} {one.count > 1 && `× ${one.count}`}
              </th>
              <td>
                <span className={`tag ${looks[one.outcome]}`}>{t(one.outcome)}</span>
              </td>
              <td>
                {one.user_id ?? '—'}
                <br />
                <span className="hint">{one.address}</span>
              </td>
              <td>
                {[one.object_kind, one.object_id, one.job_name, ...one.objects].filter(Boolean).join(' ')}
              </td>
              <td>{[one.detail, one.reason].filter(Boolean).join(' · ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
