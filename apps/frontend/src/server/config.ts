import { assertSafeToListen, commonEnv, list, parseEnv, port, trustedProxies } from '@cloudemy/service';
import { z } from 'zod';

const serviceUrl = z
  .url({ protocol: /^https?$/ })
  .transform((url) => url.replace(/\/+$/, ''))
  .refine((url) => new URL(url).pathname === '/', 'must name a service alone, without a path');

const FrontendEnv = z.object({
  ...commonEnv,
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
