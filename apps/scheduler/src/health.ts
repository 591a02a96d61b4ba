import type { Hold } from '@cloudemy/contracts';
import type { KubeApi } from '@cloudemy/k8s';
import { checkRedis } from '@cloudemy/redis';
import type { Health } from '@cloudemy/service';
import type { Redis } from 'ioredis';
import { type Breakers, askBackend } from './admit/breakers.js';
import type { InternalClient } from './backend/internal-client.js';

export interface Dependencies {
  redis: Redis;
  api: KubeApi;
  backend: InternalClient;
  breakers: Breakers;
}

/** What the scheduler cannot work without: each must be able to do its work, not only answer. */
export function addDependencies(health: Health, { redis, api, backend, breakers }: Dependencies): void {
  health.addDependency('redis', () => checkRedis(redis));
  health.addDependency('kubernetes', async (signal) => {
    const { outage } = breakers.cluster;
    if (outage !== undefined) throw outage.error;
    await api.get('/version', { signal });
  });
  health.addDependency('backend', (signal) => askBackend(backend, signal));
}

/** What keeps the scheduler from taking submissions. */
export interface Start {
  /** Undefined once it has begun. */
  readonly hold: Hold | undefined;
  heldBackBy: (why: Pick<Hold, 'code' | 'message'>) => void;
  begun: () => void;
}

/** Not ready until it has begun: the cluster is being asked and listed. */
export function awaitStart(health: Health): Start {
  let obstacle: string | undefined = 'has not begun to take submissions';
  let hold: Hold | undefined;
  health.addDependency('start', async () => {
    if (obstacle !== undefined) throw new Error(obstacle);
  });
  return {
    get hold() {
      return hold;
    },
    heldBackBy: ({ code, message }) => {
      obstacle = message;
      const isSame = hold?.code === code;
      hold = { code, message, since: isSame && hold ? hold.since : new Date().toISOString() };
    },
    begun: () => {
      obstacle = undefined;
      hold = undefined;
    },
  };
}
