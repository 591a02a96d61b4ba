import { setTimeout as sleep } from 'node:timers/promises';
import { JOBS, SECRETS, type UnknownObject } from '@cloudemy/k8s';
import type { ClusterObjects } from './cluster/cluster-objects.js';
import type { Say } from './deploy.js';
import { ownNamespace, scriptLabels } from './in-cluster/job.js';
import { describeObject } from './manifests/objects.js';
import { optionalParts, readOptionalPart } from './manifests/optional.js';
import { inOrder } from './manifests/order.js';
import { renderOverlay } from './manifests/render.js';
import { formerObjects } from './upgrade/renamed.js';

const claims = { group: '', version: 'v1', resource: 'persistentvolumeclaims' };
const configMaps = { group: '', version: 'v1', resource: 'configmaps' };
const pollMs = 500;

/**
 * Removes what `deploy` made, and everything in the namespaces of runners and benchmarks. Data on volumes, and the
 * secrets, stay unless told otherwise. May be repeated.
 */
export async function undeploy(
  objects: ClusterObjects,
  options: { overlay: string; deleteData: boolean; timeoutMs: number },
  say: Say,
): Promise<void> {
  const optional = (await Promise.all(optionalParts.map(readOptionalPart))).flat();
  const all = inOrder([...(await renderOverlay(options.overlay)), ...optional]).toReversed();
  const volumes = await objects.list(claims, ownNamespace);
  const keep = volumes.length > 0 && !options.deleteData;
  const going: UnknownObject[] = [];
  for (const object of [...(await leftOfScripts(objects)), ...formerObjects, ...all]) {
    if (keep && object.kind === 'Namespace' && object.metadata.name === ownNamespace) continue;
    if (await objects.delete(object)) going.push(object);
  }
  say(`Removing ${going.length} objects …`);
  await untilGone(objects, going, options.timeoutMs);
  if (!keep) {
    say('Cloudemy is removed.');
    return;
  }
  const names = volumes.map(({ metadata }) => metadata.name).join(', ');
  const kept = (await objects.list(SECRETS, ownNamespace)).map(({ metadata }) => metadata.name).join(', ');
  say(`Cloudemy is removed. Kept in namespace ${ownNamespace}: the volumes ${names}; the secrets ${kept}.`);
  say('With --delete-data they go too.');
}

/** Jobs that try Cloudemy out remove themselves; one that was broken off left its Job and its ConfigMap. */
async function leftOfScripts(objects: ClusterObjects): Promise<UnknownObject[]> {
  const selector = `app=${scriptLabels.app}`;
  const jobs = await objects.list(JOBS, ownNamespace, selector);
  const maps = await objects.list(configMaps, ownNamespace, selector);
  return [
    ...jobs.map((job) => ({ ...job, apiVersion: 'batch/v1', kind: 'Job' })),
    ...maps.map((map) => ({ ...map, apiVersion: 'v1', kind: 'ConfigMap' })),
  ];
}

async function untilGone(
  objects: ClusterObjects,
  going: readonly UnknownObject[],
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (const object of going) {
    while (object.metadata.name !== 'default' && (await objects.read(object)) !== undefined) {
      if (performance.now() > deadline) throw new Error(`${describeObject(object)} is still there.`);
      await sleep(pollMs);
    }
  }
}
