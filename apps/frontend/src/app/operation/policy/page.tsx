import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import type { SystemStatus } from '@cloudemy/contracts';
import { loadSignedIn } from '../../../data/server.ts';
import { TroublePage } from '../../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('operation'))('rules') };
}

/** What may be deployed, where, and by whom. */
export default async function PolicyPage() {
  const [loaded, t] = await Promise.all([
    loadSignedIn(({ deployer }) => deployer.getStatus({})),
    getTranslations('operation'),
  ]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { level, kinds, namespaces, grants } = loaded.value.policy;
  return (
    <main id="main">
      <div>
        <h1>{t('rules')}</h1>
        <p className="muted">{t('rulesLead')}</p>
      </div>
      <dl className="facts card">
        <dt>{t('level')}</dt>
        <dd>
          <strong>{level}</strong>. {t('levelWhy', { level })}
        </dd>
        <dt>{t('namespaces')}</dt>
        <dd>{namespaces.join(', ')}</dd>
        <dt>{t('kinds')}</dt>
        <dd>{kinds.join(', ')}</dd>
      </dl>
      {grants !== null && (
        <section className="card" aria-label={t('grants')}>
          <h2>{t('grants')}</h2>
          {grants.length === 0 ? <p>{t('noGrants')}</p> : <Grants grants={grants} />}
        </section>
      )}
    </main>
  );
}

async function Grants({ grants }: { grants: NonNullable<SystemStatus['policy']['grants']> }) {
  const t = await getTranslations('operation');
  const words = (list: readonly string[]): string =>
    list.map((one) => (one === '*' ? t('all') : one)).join(', ');
  return (
    <>
      <p>{t('granted')}</p>
      <div className="scroll" role="region" aria-label={t('grants')} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('roles')}</th>
              <th scope="col">{t('users2')}</th>
              <th scope="col">{t('namespaces')}</th>
              <th scope="col">{t('kinds')}</th>
            </tr>
          </thead>
          <tbody>
            {grants.map((grant) => (
              <tr key={JSON.stringify(grant)}>
                <td>{grant.roles.join(', ')}</td>
                <td>{grant.users.join(', ')}</td>
                <td>{words(grant.namespaces)}</td>
                <td>{words(grant.kinds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
