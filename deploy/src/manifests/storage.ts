import type { UnknownObject } from '@cloudemy/k8s';
import { isWorkload } from './objects.js';

/**
 * `default`: what the cluster gives to claims that name no class. `none`: the data lives and dies with its pod, for
 * clusters without storage. Anything else names a StorageClass.
 */
export type StorageChoice = string;

/** Where MongoDB and Redis keep their data. */
export function chooseStorage(objects: readonly UnknownObject[], choice: StorageChoice): UnknownObject[] {
  if (choice === 'default') return [...objects];
  return objects.map((object) => {
    if (!isWorkload(object) || object.spec.volumeClaimTemplates === undefined) return object;
    const { volumeClaimTemplates: claims, ...spec } = object.spec;
    if (choice !== 'none') {
      const volumeClaimTemplates = claims.map((claim) => ({
        ...claim,
        spec: { ...claim.spec, storageClassName: choice },
      }));
      return { ...object, spec: { ...spec, volumeClaimTemplates } };
    }
    const ephemeral = claims.map(({ metadata }) => ({ name: metadata.name, emptyDir: {} }));
    const { template } = spec;
    const volumes = [...(template.spec.volumes ?? []), ...ephemeral];
    return { ...object, spec: { ...spec, template: { ...template, spec: { ...template.spec, volumes } } } };
  });
}

/** Whether any object claims storage that is to outlive its pod. */
export function claimsStorage(objects: readonly UnknownObject[]): boolean {
  return objects.some((object) => isWorkload(object) && object.spec.volumeClaimTemplates !== undefined);
}
