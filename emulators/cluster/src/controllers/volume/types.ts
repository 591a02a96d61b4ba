import type { JsonObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';

/** The parts of `v1` PersistentVolumeClaim that the controller and the kubelet read and write. */
export interface Claim extends KubeObject {
  spec: {
    accessModes?: string[];
    storageClassName?: string;
    volumeName?: string;
    volumeMode?: string;
    resources?: { requests?: Record<string, string> };
  };
  status?: { phase?: 'Pending' | 'Bound' | 'Lost' } & JsonObject;
}

/** The parts of `v1` PersistentVolume that the controller and the kubelet read and write. */
export interface PersistentVolume extends KubeObject {
  spec: {
    hostPath?: { path: string };
    local?: { path: string };
  };
}

export const CLAIMS = 'persistentvolumeclaims';
export const VOLUMES = 'persistentvolumes';
export const CLASSES = 'storageclasses.storage.k8s.io';
/** Who makes volumes of the class that a fresh cluster has: folders of this machine. */
export const PROVISIONER = 'cloudemy.local/folder';
/** Keeps a claim as long as a pod uses it. */
export const CLAIM_IN_USE = 'kubernetes.io/pvc-protection';
export const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

export function isClaim(object: KubeObject | undefined): object is Claim {
  return object?.kind === 'PersistentVolumeClaim';
}

export function isVolume(object: KubeObject | undefined): object is PersistentVolume {
  return object?.kind === 'PersistentVolume';
}
