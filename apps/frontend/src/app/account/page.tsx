import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { KeyScope } from '@cloudemy/contracts';
import { ApiKeys } from '../../account/api-keys.tsx';
import { Sessions } from '../../account/sessions.tsx';
import { PasswordForm } from '../../account/password-form.tsx';
import { loadSignedIn, reader } from '../../data/server.ts';
import { TroublePage } from '../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('account'))('title') };
}

export default async function AccountPage() {
  const [loaded, { auth }, t] = await Promise.all([
    loadSignedIn(async ({ backend }) => {
      const me = await backend.getMe({});
      const [keys, sessions] = await Promise.all([
        backend.listApiKeys({ query: { limit: 100, user_id: me.user_id } }),
        backend.listSessions({ params: { user_id: me.user_id } }),
      ]);
      return { me, keys: keys.items, sessions: sessions.items };
    }),
    reader(),
    getTranslations('account'),
  ]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { me, keys, sessions } = loaded.value;
  return (
    <main id="main">
      <h1>{t('title')}</h1>
      <dl className="facts card">
        <dt>{t('name')}</dt>
        <dd>{me.display_name}</dd>
        <dt>{t('email')}</dt>
        <dd>{me.email}</dd>
        <dt>{t('roles')}</dt>
        <dd>{me.effective_roles.join(', ')}</dd>
      </dl>
      {auth?.mode === 'off' ? (
        <p className="notice">{t('authOff')}</p>
      ) : (
        <>
          {auth?.issuer === null && (
            <>
              <section className="card" aria-label={t('password')}>
                <h2>{t('password')}</h2>
                <PasswordForm />
              </section>
              <section className="card" aria-label={t('sessions')}>
                <h2>{t('sessions')}</h2>
                <Sessions userId={me.user_id} sessions={sessions} />
              </section>
            </>
          )}
          <section className="card" aria-label={t('keys')}>
            <h2>{t('keys')}</h2>
            <ApiKeys keys={keys} scopes={KeyScope.options} />
          </section>
        </>
      )}
    </main>
  );
}
