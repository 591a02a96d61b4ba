import { getTranslations } from 'next-intl/server';
import type { SystemStatus } from '@cloudemy/contracts';

/** What the deployer stands on, in words. */
export async function DeployerHealth({ status }: { status: SystemStatus }) {
  const t = await getTranslations('operation');
  const { cluster, database, sessions, permissions } = status;
  const missing = permissions.flatMap((one) => one.missing);
  const parts = [
    {
      ok: cluster.reachable,
      words: `${t('cluster', { context: cluster.context, version: cluster.version ?? '—' })} ${cluster.message ?? ''}`,
    },
    { ok: database.reachable, words: `${t('database')} ${database.message ?? ''}` },
    { ok: missing.length === 0, words: t('permissions', { count: missing.length }) },
  ];
  return (
    <>
      <ul className="plain-list">
        {parts.map(({ ok, words }) => (
          <li key={words} className="row">
            <span className={`tag ${ok ? 'good' : 'bad'}`}>{ok ? t('works') : t('fails')}</span> {words}
          </li>
        ))}
      </ul>
      {missing.length > 0 && (
        <ul>
          {missing.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      <p className="muted">{t('terminals', { open: sessions.open })}</p>
    </>
  );
}
