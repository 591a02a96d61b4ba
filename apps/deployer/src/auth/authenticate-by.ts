import {
  type Authenticate,
  authenticateByToken,
  authenticateEveryone,
  remoteKeys,
  verifyOptions,
} from '@cloudemy/auth';
import type { DeployerConfig } from '../config.js';

/** Who requests are made by, as the configuration says. */
export function authenticateBy(config: DeployerConfig): Authenticate {
  if (config.AUTH_MODE === 'off') return authenticateEveryone;
  const keys = remoteKeys(`${config.AUTH_BACKEND_URL.replace(/\/+$/, '')}/.well-known/jwks.json`);
  return authenticateByToken(verifyOptions(config, keys), async () => undefined);
}
