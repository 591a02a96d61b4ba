import type { Pod } from '../../kubelet/pod.js';
import type { ObjectStore } from '../../store/object-store.js';
import { CLAIMS, isClaim } from '../volume/types.js';
import type { Misfit } from './fit.js';

/** What the pod's claims have against its being bound: each must be there and have its volume. */
export function claimsMisfit(store: ObjectStore, pod: Pod): Misfit | undefined {
  for (const { persistentVolumeClaim: wanted } of pod.spec.volumes ?? []) {
    if (wanted === undefined) {
      continue;
    }
    const claim = store.get(CLAIMS, pod.metadata.namespace, wanted.claimName);
    if (!isClaim(claim)) {
      return { reasons: [`persistentvolumeclaim "${wanted.claimName}" not found`], hopeful: false };
    }
    if (claim.metadata.deletionTimestamp !== undefined) {
      return { reasons: [`persistentvolumeclaim "${wanted.claimName}" is being deleted`], hopeful: false };
    }
    if (claim.status?.phase !== 'Bound') {
      return { reasons: ['pod has unbound immediate PersistentVolumeClaims'], hopeful: false };
    }
  }
  return undefined;
}
