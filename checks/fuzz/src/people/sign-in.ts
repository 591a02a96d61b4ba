import { type KeyScope, type Role, type Session, accountsApi, createClient } from '@cloudemy/contracts';
import { type Stack, adminEmail, bearer, openPeopleDesk } from '@cloudemy/emulator-stack';
import type { Person } from './person.js';

const others: readonly Role[] = ['student', 'instructor', 'runner-operator'];

/**
 * One person of every role, API keys that are good for little of what their owners may, and somebody who forges;
 * nobody where nobody signs in.
 */
export async function signInPeople({ backendUrl, wiring }: Stack): Promise<Person[]> {
  const admin = { email: adminEmail, password: wiring.settings.adminPassword };
  const desk = await openPeopleDesk(backendUrl, admin, AbortSignal.timeout(60_000));
  if (desk === undefined) return [];
  const sessions = [desk.admin];
  for (const role of others) sessions.push(await desk.join(role, `${role}@fuzz.cloudemy.local`));
  const client = createClient(accountsApi, { baseUrl: backendUrl });
  const keyOf = async ({ access_token, user }: Session, scopes: KeyScope[]): Promise<Person> => {
    const body = { name: 'fuzz', scopes, expires_in_days: 1 };
    const { api_key: token } = await client.createApiKey({ body }, { headers: bearer(access_token) });
    return {
      name: `a key of ${user.roles.join()} for ${scopes.join()}`,
      token,
      userId: user.user_id,
      roles: user.roles,
      keyScopes: scopes,
    };
  };
  const [root, , , operator] = sessions;
  return [
    ...sessions.map(({ access_token: token, user }) => ({
      name: user.roles.join(),
      token,
      userId: user.user_id,
      roles: user.roles,
    })),
    ...(root === undefined ? [] : [await keyOf(root, ['grading:read'])]),
    ...(operator === undefined ? [] : [await keyOf(operator, ['benchmarks:read', 'terminals'])]),
    ...(root === undefined ? [] : [forger(root)]),
  ];
}

/** Says to be the administrator, under a signature of nobody. */
function forger({ access_token: token, user }: Session): Person {
  const [, claims = ''] = token.split('.');
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
  return { name: 'a forger', token: `${header}.${claims}.`, userId: user.user_id, roles: [] };
}
