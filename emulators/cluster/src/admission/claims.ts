import { CLAIM_IN_USE, CLASSES, DEFAULT_CLASS } from '../controllers/volume/types.js';
import { asObject } from '../json.js';
import type { KubeObject } from '../objects.js';
import type { Registry } from '../store/registry.js';

/** Gives a new claim the default class, if there is one and it names none, and keeps it while pods use it. */
export function completeClaim(registry: Registry, claim: KubeObject): void {
  const spec = asObject(claim['spec']);
  if (spec['storageClassName'] === undefined) {
    const standard = registry
      .list(CLASSES)
      .find(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true');
    if (standard !== undefined) {
      spec['storageClassName'] = standard.metadata.name;
    }
  }
  const { finalizers = [] } = claim.metadata;
  claim.metadata.finalizers = [...new Set([...finalizers, CLAIM_IN_USE])];
}
