import type { Metadata } from 'next';
import Link from 'next/link';
import { getTranslations } from 'next-intl/server';
import { Role } from '@cloudemy/contracts';
import { loadSignedIn, reader } from '../../../data/server.ts';
import { NewUser } from '../../../operation/new-user.tsx';
import { UserActions } from '../../../operation/user-actions.tsx';
import { Time } from '../../../parts/time.tsx';
import { TroublePage } from '../../../parts/trouble.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('operation'))('users') };
}

export default async function UsersPage({
  searchParams,
}: {
  searchParams: Promise<{ cursor?: string; role?: string }>;
}) {
  const { cursor, role } = await searchParams;
  const wanted = Role.safeParse(role).data;
  const [loaded, { auth, me }, t] = await Promise.all([
    loadSignedIn(({ backend }) =>
      backend.listUsers({
        query: {
          limit: 50,
          ...(cursor === undefined ? {} : { cursor }),
          ...(wanted === undefined ? {} : { role: wanted }),
        },
      }),
    ),
    reader(),
    getTranslations('operation'),
  ]);
  if (!loaded.ok) return <TroublePage trouble={loaded.trouble} />;
  const { items, next_cursor } = loaded.value;
  return (
    <main id="main">
      <h1>{t('users')}</h1>
      {auth?.mode === 'off' && <p className="notice">{t('authOff')}</p>}
      <details className="card">
        <summary>{t('newUser')}</summary>
        <NewUser roles={Role.options} />
      </details>
      <nav className="row tabs" aria-label={t('byRole')}>
        {['', ...Role.options].map((one) => (
          <Link
            key={one}
            href={one === '' ? '/operation/users' : `/operation/users?role=${one}`}
            prefetch={false}
            {...((role ?? '') === one ? { 'aria-current': 'page' as const } : {})}
          >
            {one === '' ? t('everyone') : one}
          </Link>
        ))}
      </nav>
      <div className="card flush scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{t('name')}</th>
              <th scope="col">{t('email')}</th>
              <th scope="col">{t('roles')}</th>
              <th scope="col">{t('since')}</th>
              <th scope="col">{t('actions')}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((user) => (
              <tr key={user.user_id}>
                <th scope="row">
                  {user.display_name} {user.disabled && <span className="tag bad">{t('disabled')}</span>}
                </th>
                <td>{user.email}</td>
                <td>{user.roles.join(', ')}</td>
                <td>
                  <Time at={user.created_at} />
                </td>
                <td>
                  <UserActions user={user} isMe={user.user_id === me?.user_id} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {next_cursor !== null && (
        <p>
          <Link
            className="button"
            href={`/operation/users?${new URLSearchParams({ cursor: next_cursor, ...(role === undefined ? {} : { role }) })}`}
            prefetch={false}
          >
            {t('more')}
          </Link>
        </p>
      )}
    </main>
  );
}
