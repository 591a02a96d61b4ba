import type { KeyScope } from '@cloudemy/contracts';
import { type Actor, localAdmin } from '../actor/actor.js';
import { invalidCredentials, notSignedIn } from '../actor/problems.js';
import { type VerifyOptions, verifyAccessToken } from '../tokens/verify.js';

/**
 * Who an `Authorization` header speaks for. For requests and for WebSocket handshakes alike. Throws ProblemError
 * `unauthenticated`, or `unavailable` when nobody can tell at the moment.
 *
 * @param fresh where rights are kept they are read now, not remembered for some seconds
 * @param address of the client, which keys that nobody has are counted by
 */
export type Authenticate = (
  authorization: string | undefined,
  fresh?: boolean,
  address?: string,
) => Promise<Actor>;

/** Who holds an API key; undefined when nobody does, or not any more. */
export type ApiKeyCheck = (apiKey: string, address?: string) => Promise<Actor | undefined>;

/** What API keys begin with, so that people and scanners of repositories know one when they see it. */
export const apiKeyPrefix = 'cloudemy_';
/** What all of them look like: an id and 256 random bits. Who invents others is asked about by nobody. */
export const apiKeyForm = new RegExp(`^${apiKeyPrefix}([0-9a-f]{24})_([\\w-]{43})$`);

/** `AUTH_MODE=off`: everyone who reaches the service is its administrator. */
export const authenticateEveryone: Authenticate = () => Promise.resolve(localAdmin);

/** `AUTH_MODE=jwt`: by an access token or an API key. */
export function authenticateByToken(options: VerifyOptions, apiKeys: ApiKeyCheck): Authenticate {
  return async (authorization, _fresh, address) => {
    const credentials = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (credentials === undefined) throw notSignedIn();
    if (!credentials.startsWith(apiKeyPrefix)) return verifyAccessToken(credentials, options);
    const actor = apiKeyForm.test(credentials) ? await apiKeys(credentials, address) : undefined;
    if (actor === undefined) throw invalidCredentials('is not valid');
    return actor;
  };
}

/** Whether an actor may do what takes this scope; people are not held to scopes. */
export function hasScope({ keyScopes }: Actor, scope: KeyScope | 'any' | 'none'): boolean {
  if (keyScopes === undefined || scope === 'any') return true;
  return scope !== 'none' && keyScopes.includes(scope);
}
