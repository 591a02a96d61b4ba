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

/** Not ready until the returned function is called: the cluster is being asked and listed. */
export function awaitStart(health: Health): () => void {
  let begun = false;
  health.addDependency('start', async () => {
    if (!begun) throw new Error('has not begun to take submissions');
  });
  return () => {
    begun = true;
  };
}
