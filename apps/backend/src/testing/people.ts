import { AccessTokens, type AccessTokenOptions } from '../accounts/signing/access-tokens.js';
import { KeyRing } from '../accounts/signing/key-ring.js';
import { signingKeyModel } from '../accounts/signing/model.js';
import { SecretBox } from '../accounts/signing/secret-box.js';
import type { Role } from '@cloudemy/contracts';
import mongoose from 'mongoose';
import type { Env, Replica } from './harness.js';

export const adminEmail = 'admin@example.com';
/** Of everybody in the tests. */
export const password = 'a password for the tests';

/** The environment of a backend with accounts. */
export const jwtEnv: Env = {
  AUTH_MODE: 'jwt',
  AUTH_SECRET: 'a secret that seals the keys of the tests',
  ADMIN_EMAIL: adminEmail,
  ADMIN_PASSWORD: password,
};

export interface Person {
  userId: string;
  email: string;
  token: string;
}

export const bearer = ({ token }: Pick<Person, 'token'>) => ({ authorization: `Bearer ${token}` });

export async function signIn(
  { api }: Pick<Replica, 'api'>,
  email: string,
  given = password,
): Promise<Person> {
  const { access_token: token, user } = await api.login({ body: { email, password: given } });
  return { userId: user.user_id, email, token };
}

/** A new user, made by the administrator and signed in by invitation. */
export async function join(
  { api }: Pick<Replica, 'api'>,
  admin: Person,
  roles: Role[],
  name: string,
): Promise<Person> {
  const as = { headers: bearer(admin) };
  const email = `${name}@example.com`;
  const { user_id } = await api.createUser({ body: { email, display_name: name, roles } }, as);
  const { invitation } = await api.inviteUser({ params: { user_id } }, as);
  const { access_token: token } = await api.acceptInvitation({ body: { invitation, password } });
  return { userId: user_id, email, token };
}

/** Signs tokens with the keys of the backends on a database, as only they should be able to. */
export async function stolenKeys(mongoUri: string) {
  const connection = await mongoose.createConnection(mongoUri, { dbName: 'cloudemy' }).asPromise();
  const box = new SecretBox(jwtEnv['AUTH_SECRET'] ?? '');
  const keys = new KeyRing(signingKeyModel(connection), box, { rotationMs: 7 * 86_400_000, keepMs: 305_000 });
  return {
    sign: async (
      who: { userId: string; roles: Role[]; sessionId?: string },
      options: Partial<AccessTokenOptions>,
    ): Promise<string> => {
      const good = { issuer: 'cloudemy', audience: 'cloudemy', ttlSeconds: 300 };
      return (await new AccessTokens(keys, { ...good, ...options }).sign(who)).access_token;
    },
    close: () => connection.close(),
  };
}
