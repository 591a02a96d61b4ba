import { type Lifecycle, type Logger, Health, listen, serverLimits } from '@cloudemy/service';
import type { FrontendConfig } from './config.js';
import { createFrontend } from './frontend.js';
import { openPages } from './pages.js';

/** Milliseconds that answers under way may take to finish at the end; event streams do not end by themselves. */
const closeGraceMs = 2_000;

export interface FrontendContext {
  config: FrontendConfig;
  log: Logger;
  lifecycle: Lifecycle;
}

/**
 * Starts the frontend: the pages, and `/api` and `/bench` passed on to the services, all under one origin.
 *
 * @returns the port in use
 * @throws ListenError when the address cannot be had
 */
export async function startFrontend({ config, log, lifecycle }: FrontendContext): Promise<number> {
  const health = new Health();
  const pages = await openPages();
  const { handle, upgrades, isProxy } = createFrontend({ config, log, health, pages });
  const server = await listen(handle, config.HOST, config.PORT, {
    upgrades,
    limits: serverLimits(config),
    isProxy,
  });
  lifecycle.onStop('http', async () => {
    health.startDraining();
    await server.close(closeGraceMs);
  });
  log.info({ host: config.HOST, port: server.port }, 'listening');
  return server.port;
}
