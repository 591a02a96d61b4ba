import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asString } from '../../json.js';
import { isFinished, isPod } from '../../kubelet/pod.js';
import type { KubeObject } from '../../objects.js';
import type { ObjectStore, StoreEvent } from '../../store/object-store.js';
import { EventRecorder } from '../event-recorder.js';
import { WorkQueue } from '../work-queue.js';
import { volumeFor } from './match.js';
import type { Claim, PersistentVolume } from './types.js';
import { CLAIM_IN_USE, CLAIMS, CLASSES, isClaim, isVolume, PROVISIONER, VOLUMES } from './types.js';

/** Gives claims their volumes, makes those that are wanted of a class of this cluster, and clears them away. */
export class VolumeController {
  readonly #store: ObjectStore;
  readonly #folder: string | undefined;
  readonly #events: EventRecorder;
  readonly #provisioner: EventRecorder;
  readonly #claims: WorkQueue;
  readonly #volumes: WorkQueue;

  /** @param folder where new volumes lie; without it none are made */
  constructor(store: ObjectStore, folder: string | undefined, report: (key: string, error: unknown) => void) {
    this.#store = store;
    this.#folder = folder;
    this.#events = new EventRecorder(store, { component: 'persistentvolume-controller' });
    this.#provisioner = new EventRecorder(store, { component: PROVISIONER });
    this.#claims = new WorkQueue((key) => this.#syncClaim(key), report);
    this.#volumes = new WorkQueue((name) => this.#syncVolume(name), report);
  }

  apply({ resource, object, type }: StoreEvent): void {
    if (resource === CLAIMS && isClaim(object)) {
      this.#claims.add(keyOf(object));
      if (object.spec.volumeName !== undefined) {
        this.#volumes.add(object.spec.volumeName);
      }
    } else if (resource === VOLUMES) {
      this.#volumes.add(object.metadata.name);
      this.#lookAgain();
    } else if (resource === CLASSES) {
      this.#lookAgain();
    } else if (resource === 'pods' && isPod(object) && (type === 'DELETED' || isFinished(object))) {
      for (const { persistentVolumeClaim: claim } of object.spec.volumes ?? []) {
        if (claim !== undefined) {
          this.#claims.add(`${object.metadata.namespace}/${claim.claimName}`);
        }
      }
    }
  }

  close(): void {
    this.#claims.close();
    this.#volumes.close();
  }

  /** Claims that wait may find something now. */
  #lookAgain(): void {
    for (const claim of this.#store.list(CLAIMS)) {
      if (isClaim(claim) && claim.status?.phase !== 'Bound') {
        this.#claims.add(keyOf(claim));
      }
    }
  }

  #syncClaim(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const claim = this.#store.get(CLAIMS, namespace, name);
    if (!isClaim(claim)) {
      return;
    }
    if (claim.metadata.deletionTimestamp !== undefined) {
      this.#release(claim);
    } else if (claim.status?.phase !== 'Bound') {
      const volume = volumeFor(claim, this.#store.list(VOLUMES).filter(isVolume));
      if (volume === undefined) {
        this.#provision(claim);
      } else {
        this.#bind(claim, volume);
      }
    }
  }

  /** A claim that is deleted stays as long as a pod uses it. */
  #release({ metadata: { namespace = '', name } }: Claim): void {
    const used = this.#store
      .list('pods', { namespace })
      .filter(isPod)
      .some(
        (pod) =>
          !isFinished(pod) &&
          pod.spec.volumes?.some(({ persistentVolumeClaim: claim }) => claim?.claimName === name),
      );
    if (!used) {
      this.#store.update(CLAIMS, namespace, name, (draft) => {
        draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((item) => item !== CLAIM_IN_USE);
      });
    }
  }

  #bind(claim: Claim, volume: PersistentVolume): void {
    const { namespace = '', name, uid, resourceVersion } = claim.metadata;
    this.#store.update(VOLUMES, undefined, volume.metadata.name, (draft) => {
      if (isVolume(draft)) {
        const ref = {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          namespace,
          name,
          uid,
          resourceVersion,
        };
        draft.spec.claimRef = draft.spec.claimRef?.uid === uid ? draft.spec.claimRef : ref;
        draft.status = { ...draft.status, phase: 'Bound' };
      }
    });
    this.#store.update(CLAIMS, namespace, name, (draft) => {
      if (isClaim(draft)) {
        draft.metadata.annotations = {
          ...draft.metadata.annotations,
          'pv.kubernetes.io/bind-completed': 'yes',
          'pv.kubernetes.io/bound-by-controller': 'yes',
        };
        draft.spec.volumeName = volume.metadata.name;
        draft.status = {
          accessModes: volume.spec.accessModes,
          capacity: volume.spec.capacity,
          phase: 'Bound',
        };
      }
    });
  }

  /** Makes a folder of this machine a volume for the claim, or says why there is none. */
  #provision(claim: Claim): void {
    const { storageClassName = '' } = claim.spec;
    if (storageClassName === '') {
      const message = 'no persistent volumes available for this claim and no storage class is set';
      this.#events.event(claim, 'Normal', 'FailedBinding', message);
      return;
    }
    const storageClass = this.#store.get(CLASSES, undefined, storageClassName);
    if (storageClass === undefined) {
      const message = `storageclass.storage.k8s.io "${storageClassName}" not found`;
      this.#events.event(claim, 'Warning', 'ProvisioningFailed', message);
      return;
    }
    const provisioner = asString(storageClass['provisioner']) ?? '';
    const message =
      `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the ` +
      'system administrator. If volume creation is delayed, please verify that the provisioner is running and ' +
      'correctly registered.';
    this.#events.event(claim, 'Normal', 'ExternalProvisioning', message);
    if (provisioner === PROVISIONER && this.#folder !== undefined) {
      this.#make(claim, storageClass, this.#folder);
    }
  }

  #make(claim: Claim, storageClass: KubeObject, folder: string): void {
    const { namespace, name: claimName, uid, resourceVersion } = claim.metadata;
    const name = `pvc-${uid}`;
    this.#store.create(VOLUMES, {
      metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': PROVISIONER } },
      spec: {
        accessModes: claim.spec.accessModes,
        capacity: { storage: claim.spec.resources?.requests?.['storage'] },
        claimRef: {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          namespace,
          name: claimName,
          uid,
          resourceVersion,
        },
        hostPath: { path: join(folder, name), type: 'DirectoryOrCreate' },
        persistentVolumeReclaimPolicy: storageClass['reclaimPolicy'],
        storageClassName: storageClass.metadata.name,
        volumeMode: claim.spec.volumeMode,
      },
    });
    const message = `Successfully provisioned volume ${name}`;
    this.#provisioner.event(claim, 'Normal', 'ProvisioningSucceeded', message);
  }

  /** A volume whose claim is gone is kept for somebody to look at, or goes too. */
  #syncVolume(name: string): void {
    const volume = this.#store.get(VOLUMES, undefined, name);
    if (!isVolume(volume) || volume.spec.claimRef?.uid === undefined) {
      return;
    }
    const { namespace, name: claimName = '', uid } = volume.spec.claimRef;
    if (this.#store.get(CLAIMS, namespace, claimName)?.metadata.uid === uid) {
      return;
    }
    const { persistentVolumeReclaimPolicy: policy, hostPath } = volume.spec;
    if (policy !== 'Delete') {
      this.#store.update(VOLUMES, undefined, name, (draft) => {
        draft['status'] = { phase: 'Released' };
      });
      return;
    }
    this.#store.delete(VOLUMES, undefined, name);
    // Only what was made here: a path that somebody else named is not ours to empty.
    if (this.#folder !== undefined && hostPath?.path === join(this.#folder, name)) {
      void rm(hostPath.path, { recursive: true, force: true });
    }
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
