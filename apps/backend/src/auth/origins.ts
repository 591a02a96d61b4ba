import { type OriginPolicy, answeredHosts } from '@cloudemy/service';
import type { BackendConfig } from '../config.js';

/** Pages of which origins may call, and under which names. */
export const originPolicy = ({
  AUTH_MODE,
  CORS_ORIGINS,
  PUBLIC_HOSTS,
}: Pick<BackendConfig, 'AUTH_MODE' | 'CORS_ORIGINS' | 'PUBLIC_HOSTS'>): OriginPolicy => ({
  allowedOrigins: CORS_ORIGINS,
  ...answeredHosts(AUTH_MODE, PUBLIC_HOSTS),
});
