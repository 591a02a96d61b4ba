import { assertSafeToListen, commonEnv, list, parseEnv, port, trustedProxies } from '@cloudemy/service';
import { z } from 'zod';

const serviceUrl = z
  .url({ protocol: /^https?$/ })
  .transform((url) => url.replace(/\/+$/, ''))
  .refine((url) => new URL(url).pathname === '/', 'must name a service alone, without a path');

/** `audience=cloudemy,prompt=login` */
const parameters = list.transform((pairs, context) =>
  pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at < 1) context.addIssue({ code: 'custom', message: 'must list pairs such as audience=cloudemy' });
    return [pair.slice(0, at), pair.slice(at + 1)];
  }),
);

/** Signing in at an OpenID Connect provider, by the code flow with PKCE. */
const oidcEnv = {
  /** The provider, as the services know it; its redirect is `/session/oidc/callback` of this server. */
  OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  OIDC_CLIENT_ID: z.string().min(1).default('cloudemy'),
  /** Of a client that has one. */
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  /** `offline_access` asks for a refresh token: without one people sign in again when an access token ends. */
  OIDC_SCOPES: z.string().min(1).default('openid profile email offline_access'),
  /** What the provider wants to be told besides, such as `audience` or `resource`. */
  OIDC_AUTHORIZATION_PARAMETERS: parameters.prefault(''),
};

const FrontendEnv = z.object({
  ...commonEnv,
  ...oidcEnv,
  PORT: port.default(3_000),
  /** The backend, as this server reaches it: a browser never calls it (docs/adr/0050). */
  NEXT_PUBLIC_API_BASE_URL: serviceUrl.prefault('http://backend:8000'),
  /** The deployer, as this server reaches it. */
  DEPLOYER_URL: serviceUrl.prefault('http://deployer:8002'),
  /** What people type: decides whether cookies are for https alone. Needed behind a proxy that ends TLS. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Further names that this server is called by while nobody signs in, such as a tunnel's. */
  PUBLIC_HOSTS: list.prefault(''),
  /** Whose `X-Forwarded-*` is believed: the number of proxies in front, or their addresses and ranges. */
  TRUST_PROXY: trustedProxies.prefault('0'),
});

/** The names of all variables, for what passes them on. */
export const settings: readonly string[] = Object.keys(FrontendEnv.shape);

export type FrontendConfig = Readonly<z.output<typeof FrontendEnv>>;

/**
 * Reads the frontend's environment; README.md lists the variables.
 *
 * @throws ConfigError naming every variable at fault.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): FrontendConfig {
  const config = parseEnv(FrontendEnv, env);
  assertSafeToListen(config);
  return config;
}
