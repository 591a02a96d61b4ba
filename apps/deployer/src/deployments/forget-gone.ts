import type { KubeApi } from '@cloudemy/k8s';
import { readLiveObjects } from './live-objects.js';
import type { StoredDeployment, StoredObject } from './model.js';

/**
 * The inventory without those objects under generated names that are known to be gone. Each time the YAML is sent
 * it makes new ones, so they would pile up for ever. What the cluster cannot say is kept.
 */
export async function forgetGone(api: KubeApi, deployment: StoredDeployment): Promise<StoredObject[]> {
  const objects = deployment.objects.filter(
    ({ generate_name: prefix, uid }) => prefix !== null && uid !== null,
  );
  if (objects.length === 0) return deployment.objects;
  const generated = { ...deployment, objects };
  const seen = (await readLiveObjects(api, [generated])).get(generated) ?? [];
  const isGone = new Set(
    seen.filter(({ live }) => live.state === 'gone' || live.state === 'replaced').map(({ stored }) => stored),
  );
  return deployment.objects.filter((object) => !isGone.has(object));
}
