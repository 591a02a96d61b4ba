import type { PodRuntime } from '../kubelet-contract.js';
import type { Log } from '../log.js';
import type { Registry } from '../store/registry.js';
import { ServerSideApply } from './apply/apply.js';
import { updateTracker } from './apply/managed-fields.js';
import { Rbac } from './auth/rbac.js';
import { Tokens } from './auth/tokens.js';
import { refuseBrowsers } from './host-guard.js';
import { logHandler } from './pods/log.js';
import { upgradeHandler, upgradeRequired } from './pods/upgrade.js';
import { accessReviewHandler, tokenHandler } from './reviews.js';
import type { SpecialHandlers } from './router.js';
import { Router } from './router.js';
import { ResourceHandler } from './resource-handler.js';
import { ApiServer } from './server.js';
import { Watches } from './watch.js';
import { Writer } from './write.js';

export interface Api {
  tokens: Tokens;
  listen(port: number, host: string): Promise<number>;
  close(): Promise<void>;
}

/**
 * Puts the parts of the API server together over a registry; `runtime` is asked when a pod is.
 * @param name what clients may call it besides loopback
 */
export function composeApi(
  registry: Registry,
  log: Log,
  runtime: () => PodRuntime | undefined,
  name?: string,
): Api {
  const tokens = new Tokens(registry);
  const rbac = new Rbac(registry);
  const watches = new Watches(registry);
  const writer = new Writer(registry, updateTracker);
  const resources = new ResourceHandler(registry, writer, new ServerSideApply(registry, writer), watches);
  const special: SpecialHandlers = {
    selfsubjectaccessreviews: accessReviewHandler(rbac),
    'pods/log': logHandler(registry, runtime),
    'pods/exec': upgradeRequired,
    'serviceaccounts/token': tokenHandler(registry, tokens),
  };
  const guard = refuseBrowsers(name);
  const router = new Router(rbac, resources, special);
  const server = new ApiServer({
    tokens,
    router,
    guard,
    log,
    upgrade: upgradeHandler({ registry, tokens, rbac, runtime, guard, log }),
  });
  return {
    tokens,
    listen: (port, host) => server.listen(port, host),
    async close() {
      watches.close();
      await server.close();
    },
  };
}
