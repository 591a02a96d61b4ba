import { type Role, type Session, accountsApi, createClient } from '@cloudemy/contracts';

export interface Admin {
  email: string;
  password: string;
}

/** Lets people in where one has to sign in. */
export interface PeopleDesk {
  /** The session of the administrator. */
  readonly admin: Session;
  /** Invites somebody with this role, once made and then found again, and signs them in with a new password. */
  join(role: Role, email: string, password?: string): Promise<Session>;
}

/**
 * Signs an administrator in, who can then invite others.
 *
 * @returns undefined where nobody has to sign in
 * @throws ProblemAnswer
 */
export async function openPeopleDesk(
  backendUrl: string,
  admin: Admin,
  signal: AbortSignal,
): Promise<PeopleDesk | undefined> {
  const client = createClient(accountsApi, { baseUrl: backendUrl });
  const { mode } = await client.getAuthInfo({}, { signal });
  if (mode === 'off') return undefined;
  const session = await client.login({ body: admin }, { signal });
  const asAdmin = { headers: bearer(session.access_token), signal };

  const find = async (role: Role, email: string): Promise<string> => {
    const { items } = await client.listUsers({ query: { role, limit: 200 } }, asAdmin);
    const known = items.find((user) => user.email === email);
    if (known !== undefined) return known.user_id;
    const body = { email, display_name: email.replace(/@.*/, ''), roles: [role] };
    return (await client.createUser({ body }, asAdmin)).user_id;
  };
  return {
    admin: session,
    join: async (role, email, password = crypto.randomUUID()) => {
      const user_id = await find(role, email);
      const { invitation } = await client.inviteUser({ params: { user_id } }, asAdmin);
      return client.acceptInvitation({ body: { invitation, password } }, { signal });
    },
  };
}

/** What a request is made with. */
export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
