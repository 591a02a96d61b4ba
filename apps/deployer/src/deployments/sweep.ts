import { Loop } from '@cloudemy/async';
import type { KubeApi } from '@cloudemy/k8s';
import type { Logger } from '@cloudemy/service';
import { type LiveObject, readLiveObjects } from './live-objects.js';
import type { StoredDeployment } from './model.js';
import type { DeploymentStore } from './store.js';

/** Milliseconds between two rounds. */
const everyMs = 2_000;
/** Deployments of one round: the next takes those that follow, so that some that cannot end keep no others waiting. */
const mostAtOnce = 100;

/** Whether nothing is left of a deployment whose deletion was asked for. */
export function isDeleted(
  { stage, operation }: StoredDeployment,
  objects: readonly Pick<LiveObject, 'live'>[],
): boolean {
  const isAtRest = operation === null || operation.until < new Date();
  return stage === 'deleting' && isAtRest && objects.every((object) => isGone(object));
}

const isGone = ({ live }: Pick<LiveObject, 'live'>): boolean =>
  ['gone', 'replaced', 'not_created'].includes(live.state);

export interface SweepParts {
  api: KubeApi;
  store: DeploymentStore;
  log: Logger;
  /** Deployments of one round; 100 when left out. */
  atOnce?: number;
}

/**
 * Writes down, again and again, which deletions have come to their end: of most, something is left for a while when the
 * request for it is answered. Any number of replicas may do so.
 *
 * @returns stops it, and resolves when the round under way is over
 */
export function startSweep(parts: SweepParts): () => Promise<void> {
  let after: StoredDeployment['_id'] | undefined;
  const loop = new Loop({
    everyMs,
    run: async () => {
      after = await sweep(parts, after);
    },
    onError: (error) => parts.log.debug({ err: error }, 'deletions could not be settled, trying again'),
  }).start();
  return () => loop.stop();
}

/** @returns the last that was looked at; undefined when there are none behind it */
async function sweep(
  { api, store, atOnce = mostAtOnce }: SweepParts,
  after: StoredDeployment['_id'] | undefined,
): Promise<StoredDeployment['_id'] | undefined> {
  const deleting = await store.findDeleting(atOnce, after);
  if (deleting.length === 0) return undefined;
  const seen = await readLiveObjects(api, deleting);
  for (const deployment of deleting) {
    const objects = seen.get(deployment) ?? [];
    if (isDeleted(deployment, objects)) await store.settle(deployment, []);
    else if (deployment.stage !== 'deleting') await settlePart(store, deployment, objects);
  }
  return deleting.length < atOnce ? undefined : deleting.at(-1)?._id;
}

/** Objects that were deleted alone are taken out of the inventory once they are gone. */
async function settlePart(
  store: DeploymentStore,
  deployment: StoredDeployment,
  objects: readonly LiveObject[],
): Promise<void> {
  const left = objects.filter((object) => !object.stored.deletion_asked || !isGone(object));
  if (left.length < objects.length)
    await store.settle(
      deployment,
      left.map(({ stored }) => stored),
    );
}
