import {
  type Health,
  type HttpServer,
  type Logger,
  type Metrics,
  createHttpApp,
  listen,
  loopbackHosts,
  serverLimits,
  serveApi,
  version,
} from '@cloudemy/service';
import type { Config } from './config.js';

/**
 * Health and metrics; the scheduler has no API of its own, so listening beyond loopback gives nobody a hold.
 *
 * @throws ListenError
 */
export async function serveHealth(
  config: Config,
  log: Logger,
  health: Health,
  metrics: Metrics,
): Promise<HttpServer> {
  const app = createHttpApp({
    api: {},
    info: {
      title: 'Cloudemy scheduler',
      version,
      description: 'Creates runner Jobs and watches them. It has no API; see /readyz and /metrics.',
    },
    log,
    health,
    metrics,
    origins: {
      allowedOrigins: [],
      ...(config.HOST === '127.0.0.1' ? { allowedHosts: loopbackHosts } : {}),
    },
    routes: [serveApi({}, {}, () => [])],
  });
  return listen(app, config.HOST, config.PORT, { limits: serverLimits(config) });
}
