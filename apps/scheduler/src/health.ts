import type { KubeApi } from '@cloudemy/k8s';
import type { Health } from '@cloudemy/service';
import type { Redis } from 'ioredis';
import type { InternalClient } from './backend/internal-client.js';
import { pingRedis } from './redis.js';

export interface Dependencies {
  redis: Redis;
  api: KubeApi;
  backend: InternalClient;
}

/** An id that no submission has: asking for it shows that the backend answers and takes our token. */
const nobody = '0'.repeat(24);

/** What the scheduler cannot work without. */
export function addDependencies(health: Health, { redis, api, backend }: Dependencies): void {
  health.addDependency('redis', () => pingRedis(redis));
  health.addDependency('kubernetes', (signal) => api.get('/version', { signal }));
  health.addDependency('backend', (signal) =>
    backend.readStates({ body: { submission_ids: [nobody] } }, { signal }),
  );
}

/** What keeps the scheduler from taking submissions. */
export interface Start {
  heldBackBy: (why: string) => void;
  begun: () => void;
}

/** Not ready until it has begun: the cluster is being asked and listed. */
export function awaitStart(health: Health): Start {
  let obstacle: string | undefined = 'has not begun to take submissions';
  health.addDependency('start', async () => {
    if (obstacle !== undefined) throw new Error(obstacle);
  });
  return {
    heldBackBy: (why) => {
      obstacle = why;
    },
    begun: () => {
      obstacle = undefined;
    },
  };
}
