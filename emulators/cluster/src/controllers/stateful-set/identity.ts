import { cloneJson } from '../../json.js';
import type { Pod, Volume } from '../../kubelet/pod.js';
import type { NewObject } from '../../store/object-store.js';
import { controllerReference } from '../ownership.js';
import type { ClaimTemplate, StatefulSet } from './types.js';
import { REVISION_LABEL } from './types.js';

/** `set-N` */
export function podName(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

/** The number in a pod's name; -1 when it is not one of the set's. */
export function ordinalOf(set: StatefulSet, pod: Pod): number {
  const prefix = `${set.metadata.name}-`;
  const rest = pod.metadata.name.startsWith(prefix) ? pod.metadata.name.slice(prefix.length) : '';
  return /^\d+$/.test(rest) ? Number(rest) : -1;
}

/** `claim-set-N` */
function claimName(set: StatefulSet, template: ClaimTemplate, ordinal: number): string {
  return `${template.metadata.name}-${podName(set, ordinal)}`;
}

/** The claims of a pod, which stay when it goes. */
export function claimsOf(set: StatefulSet, ordinal: number): (NewObject & { metadata: { name: string } })[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    metadata: {
      ...cloneJson(template.metadata),
      name: claimName(set, template, ordinal),
      namespace: set.metadata.namespace,
      labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
    },
    spec: cloneJson(template.spec),
  }));
}

/** A pod of the set: a stable name, its own claims, and the revision it was made from. */
export function newPod(set: StatefulSet, ordinal: number, revision: string): NewObject {
  const name = podName(set, ordinal);
  const { metadata, spec } = cloneJson(set.spec.template);
  const claims = set.spec.volumeClaimTemplates ?? [];
  const claimed = claims.map((claim): Volume => ({
    name: claim.metadata.name,
    persistentVolumeClaim: { claimName: claimName(set, claim, ordinal) },
  }));
  const others = (spec.volumes ?? []).filter(
    (volume) => !claimed.some((claim) => claim.name === volume.name),
  );
  const volumes = [...claimed, ...others];
  return {
    metadata: {
      name,
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace,
      labels: {
        ...metadata?.labels,
        'apps.kubernetes.io/pod-index': String(ordinal),
        [REVISION_LABEL]: revision,
        'statefulset.kubernetes.io/pod-name': name,
      },
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ownerReferences: [controllerReference(set)],
    },
    spec: {
      ...spec,
      ...(volumes.length === 0 ? {} : { volumes }),
      hostname: name,
      ...(set.spec.serviceName === undefined || set.spec.serviceName === ''
        ? {}
        : { subdomain: set.spec.serviceName }),
    },
  };
}
