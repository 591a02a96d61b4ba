import { type Role, accountsApi, createClient } from '@cloudemy/contracts';
import type { Screen } from '../screen.js';

/** What requests are made with; empty where nobody has to sign in. */
export type Credentials = Record<string, string>;

/** Who plays which part in the demonstration. */
export interface People {
  instructor: Credentials;
  student: Credentials;
  operator: Credentials;
}

export interface Admin {
  email: string;
  password: string;
}

const nobody: People = { instructor: {}, student: {}, operator: {} };

/** Has an administrator invite the people of the demonstration, and signs them in; nobody where none has to. */
export async function signInPeople(
  backendUrl: string,
  admin: Admin,
  screen: Screen,
  signal: AbortSignal,
): Promise<People> {
  const client = createClient(accountsApi, { baseUrl: backendUrl });
  const { mode } = await client.getAuthInfo({}, { signal });
  if (mode === 'off') return nobody;
  screen.heading('People');
  const { access_token: token } = await client.login({ body: admin }, { signal });
  const asAdmin = { headers: bearer(token), signal };
  screen.line(`${admin.email} invites the others`);

  const find = async (email: string, role: Role): Promise<string> => {
    const { items } = await client.listUsers({ query: { role, limit: 200 } }, asAdmin);
    const known = items.find((user) => user.email === email);
    if (known !== undefined) return known.user_id;
    const body = { email, display_name: `Demonstration ${role}`, roles: [role] };
    return (await client.createUser({ body }, asAdmin)).user_id;
  };
  const join = async (role: Role): Promise<Credentials> => {
    const email = `${role}@cloudemy.local`;
    const user_id = await find(email, role);
    const { invitation } = await client.inviteUser({ params: { user_id } }, asAdmin);
    const body = { invitation, password: crypto.randomUUID() };
    const session = await client.acceptInvitation({ body }, { signal });
    screen.line(`${email} has set a password and is signed in`);
    return bearer(session.access_token);
  };
  return {
    instructor: await join('instructor'),
    student: await join('student'),
    operator: await join('runner-operator'),
  };
}

const bearer = (token: string): Credentials => ({ authorization: `Bearer ${token}` });
