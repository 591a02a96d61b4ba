import type { Pod } from '../../kubelet/pod.js';
import type { ObjectStore } from '../../store/object-store.js';
import { CLAIMS, isClaim } from '../volume/types.js';

/** What the pod's claims have against its being bound: each must be there and have its volume. */
export function claimsProblem(store: ObjectStore, pod: Pod): string | undefined {
  for (const { persistentVolumeClaim: wanted } of pod.spec.volumes ?? []) {
    if (wanted === undefined) {
      continue;
    }
    const claim = store.get(CLAIMS, pod.metadata.namespace, wanted.claimName);
    if (!isClaim(claim)) {
      return `persistentvolumeclaim "${wanted.claimName}" not found`;
    }
    if (claim.metadata.deletionTimestamp !== undefined) {
      return `persistentvolumeclaim "${wanted.claimName}" is being deleted`;
    }
    if (claim.status?.phase !== 'Bound') {
      return 'pod has unbound immediate PersistentVolumeClaims';
    }
  }
  return undefined;
}
