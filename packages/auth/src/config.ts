import { Role } from '@cloudemy/contracts';
import { list } from '@cloudemy/service';
import type { JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { RoleMapping } from './tokens/claims.js';
import { type Issuer, backendIssuer } from './tokens/issuer.js';
import { oidcIssuer } from './tokens/oidc-issuer.js';
import type { VerifyOptions } from './tokens/verify.js';

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' });

/** `teacher=instructor,ops=runner-operator`: the issuer's name of a role, and ours. */
const roleMap = list.transform((pairs, context) =>
  Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.lastIndexOf('=');
      const role = Role.safeParse(pair.slice(at + 1));
      if (at < 1 || !role.success) {
        context.addIssue({
          code: 'custom',
          message: `must list pairs such as teacher=instructor, with one of ${Role.options.join(', ')} on the right`,
        });
        return ['', 'student' as const];
      }
      return [pair.slice(0, at), role.data];
    }),
  ),
);

/** Variables that every service reads which is called by users. */
export const authEnv = {
  /** `iss` of the tokens that the backend signs, and the `aud` of all tokens. */
  AUTH_ISSUER: z.string().min(1).default('cloudemy'),
  AUTH_AUDIENCE: z.string().min(1).default('cloudemy'),
  /** Seconds by which the clocks of services may differ. */
  AUTH_CLOCK_TOLERANCE_S: z.coerce.number('must be a number').int().min(0).max(300).default(5),
  /** An OpenID Connect provider that people sign in at instead of the backend. */
  OIDC_ISSUER: httpUrl.optional(),
  /** `aud` of its access tokens; AUTH_AUDIENCE when unset. */
  OIDC_AUDIENCE: z.string().min(1).optional(),
  /** `typ` of its access tokens: by it an ID token does not pass for one. `JWT` where the provider sets no other. */
  OIDC_TOKEN_TYPE: z.enum(['at+jwt', 'JWT'], 'must be at+jwt or JWT').default('at+jwt'),
  /** Found by discovery when unset. */
  OIDC_JWKS_URL: httpUrl.optional(),
  /** The claim that names the roles; dots lead into objects. */
  OIDC_ROLES_CLAIM: z.string().min(1).default('roles'),
  OIDC_ROLE_MAP: roleMap.prefault(Role.options.map((role) => `${role}=${role}`).join(',')),
};

const AuthEnv = z.object(authEnv);
export type AuthConfig = Readonly<z.output<typeof AuthEnv>>;

/**
 * Whose tokens are taken, and how they are checked.
 *
 * @param backendKeys the public keys of the backend, which signs what API keys are exchanged for even where
 *   people sign in elsewhere
 */
export function verifyOptions(config: AuthConfig, backendKeys: JWTVerifyGetKey): VerifyOptions {
  const backend = backendIssuer(config.AUTH_ISSUER, config.AUTH_AUDIENCE, backendKeys);
  return {
    issuers: [...externalIssuer(config), backend],
    clockTolerance: config.AUTH_CLOCK_TOLERANCE_S,
  };
}

function externalIssuer(config: AuthConfig): Issuer[] {
  if (config.OIDC_ISSUER === undefined) return [];
  const mapping: RoleMapping = { claim: config.OIDC_ROLES_CLAIM, roles: config.OIDC_ROLE_MAP };
  return [
    oidcIssuer({
      issuer: config.OIDC_ISSUER,
      audience: config.OIDC_AUDIENCE ?? config.AUTH_AUDIENCE,
      jwksUrl: config.OIDC_JWKS_URL,
      type: config.OIDC_TOKEN_TYPE,
      mapping,
    }),
  ];
}
