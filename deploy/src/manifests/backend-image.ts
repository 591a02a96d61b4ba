import type { UnknownObject } from '@cloudemy/k8s';
import { isWorkload } from './objects.js';

/** The backend's image, which every installation has on its nodes. */
export function backendImage(manifests: readonly UnknownObject[]): string {
  const backend = manifests.filter(isWorkload).find(({ metadata }) => metadata.name === 'backend-deploy');
  const image = backend?.spec.template.spec.containers[0]?.image;
  if (image === undefined) throw new Error('The manifests have no backend.');
  return image;
}
