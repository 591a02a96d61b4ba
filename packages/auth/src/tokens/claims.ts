import { createHash } from 'node:crypto';
import { Id, KeyScope, Role } from '@cloudemy/contracts';
import { z } from 'zod';
import type { Actor } from '../actor/actor.js';

/** What the backend signs (RFC 9068 with claims of its own). */
export const AccessClaims = z.object({
  sub: Id,
  exp: z.int(),
  roles: z.array(Role),
  key_scopes: z.array(KeyScope).optional().describe('In tokens that were given for an API key.'),
  key_id: Id.optional().describe('The API key that it was given for.'),
  sid: z.string().max(64).optional().describe('The session that it was given in.'),
});

/** @throws ZodError when the claims are not those of the backend */
export function actorOfBackendClaims(payload: unknown): Actor {
  const claims = AccessClaims.parse(payload);
  const { sub, exp, roles, key_scopes: keyScopes, key_id: apiKeyId, sid: sessionId } = claims;
  return {
    userId: sub,
    roles,
    expiresAt: new Date(exp * 1_000),
    ...(keyScopes === undefined ? {} : { keyScopes }),
    ...(apiKeyId === undefined ? {} : { apiKeyId }),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}

/** Which claim of an external issuer names the roles, and what its values stand for. */
export interface RoleMapping {
  /** Dots lead into objects: `realm_access.roles`. */
  readonly claim: string;
  /** The issuer's name of a role to ours; names that are not here count for nothing. */
  readonly roles: Readonly<Record<string, Role>>;
}

const ExternalClaims = z.looseObject({
  iss: z.string(),
  sub: z.string().min(1).max(255),
  exp: z.int(),
  iat: z.int().optional().catch(undefined),
  auth_time: z.int().optional().catch(undefined),
  email: z.email().max(254).toLowerCase().optional().catch(undefined),
  email_verified: z.boolean().optional().catch(undefined),
  name: z.string().min(1).max(200).optional().catch(undefined),
});

/** @throws ZodError when a claim that every issuer sets is missing */
export function actorOfExternalClaims(payload: unknown, mapping: RoleMapping): Actor {
  const claims = ExternalClaims.parse(payload);
  if (isIdToken(claims)) throw new Error('it is an ID token');
  const named = namesOf(mapping.claim.split('.').reduce(into, claims));
  const roles = named.flatMap((name) =>
    Object.hasOwn(mapping.roles, name) ? (mapping.roles[name] ?? []) : [],
  );
  const signedIn = claims.auth_time ?? claims.iat;
  return {
    userId: externalUserId(claims.iss, claims.sub),
    roles: [...new Set(roles)],
    profile: profileOf(claims),
    expiresAt: new Date(claims.exp * 1_000),
    ...(signedIn === undefined ? {} : { signedInAt: new Date(signedIn * 1_000) }),
  };
}

/** ID tokens say who has signed in; they are no leave to call anything (OpenID Connect Core, 2 and 3.1.3.6). */
const isIdToken = (claims: object): boolean =>
  'nonce' in claims || 'at_hash' in claims || 'c_hash' in claims || ('typ' in claims && claims.typ === 'ID');

function profileOf({ iss, email, email_verified: verified, name }: z.output<typeof ExternalClaims>) {
  return {
    issuer: iss,
    ...(email === undefined || verified !== true ? {} : { email }),
    ...(name === undefined ? {} : { name }),
  };
}

/**
 * The user id of a subject of an external issuer. Every service derives the same one without asking another;
 * at 96 bits of a hash no two people meet in one.
 */
export function externalUserId(issuer: string, subject: string): string {
  return createHash('sha256').update(`${issuer}\n${subject}`).digest('hex').slice(0, 24);
}

const into = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;

/** A list, or a string of names with spaces between, as `scope` has it. */
function namesOf(value: unknown): string[] {
  if (typeof value === 'string') return value.split(' ');
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
