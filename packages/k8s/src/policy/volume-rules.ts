import { type At, children, type Findings, isSet } from './findings.js';
import type { Policy } from './policy.js';

/** Sources of a projected volume that hold no credentials of the cluster. */
const PROJECTED_SOURCES = ['configMap', 'downwardAPI', 'secret', 'clusterTrustBundle'];

/** One entry of `volumes`: every field but its name is a type. */
export function checkVolume(volume: At, policy: Policy, findings: Findings): void {
  for (const type of Object.keys(volume.value)) {
    if (type === 'name' || !isSet(volume.value[type])) continue;
    if (type === 'hostPath') {
      const why = 'a hostPath volume opens the file system of the node';
      findings.add('host_path', [...volume.path, type], why, 'use emptyDir or a PersistentVolumeClaim');
    } else if (!policy.volumeTypes.includes(type)) {
      const hint = `allowed are: ${policy.volumeTypes.join(', ')}`;
      findings.add('volume_type', [...volume.path, type], `volumes of type ${type} are not allowed`, hint);
    }
  }
  const { projected } = volume.value;
  if (typeof projected === 'object' && projected !== null) {
    const at = { value: { ...projected }, path: [...volume.path, 'projected'] };
    for (const source of children(at, 'sources')) checkSource(source, policy, findings);
  }
}

function checkSource(source: At, policy: Policy, findings: Findings): void {
  for (const type of Object.keys(source.value)) {
    if (PROJECTED_SOURCES.includes(type)) continue;
    if (type === 'serviceAccountToken' && policy.allowServiceAccountToken) continue;
    const why = `a projected ${type} gives the pod credentials of the cluster`;
    findings.add('service_account_token', [...source.path, type], why, 'remove it');
  }
}
