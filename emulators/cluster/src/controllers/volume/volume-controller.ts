import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isFinished, isPod } from '../../kubelet/pod.js';
import type { ObjectStore, StoreEvent } from '../../store/object-store.js';
import { EventRecorder } from '../event-recorder.js';
import { WorkQueue } from '../work-queue.js';
import type { Claim } from './types.js';
import { CLAIM_IN_USE, CLAIMS, CLASSES, isClaim, PROVISIONER, VOLUMES } from './types.js';

/** Gives each claim of this cluster's class a folder of this machine as its volume, and clears it away with the claim. */
export class VolumeController {
  readonly #store: ObjectStore;
  readonly #folder: string | undefined;
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;

  /** @param folder where new volumes lie; without it none are made */
  constructor(store: ObjectStore, folder: string | undefined, report: (key: string, error: unknown) => void) {
    this.#store = store;
    this.#folder = folder;
    this.#events = new EventRecorder(store, { component: PROVISIONER });
    this.#queue = new WorkQueue((key) => this.#sync(key), report);
  }

  apply({ resource, object, type }: StoreEvent): void {
    if (resource === CLAIMS && isClaim(object)) {
      if (type === 'DELETED') {
        this.#clearAway(object);
      } else {
        this.#add(object);
      }
    } else if (resource === CLASSES) {
      this.#store.list(CLAIMS).filter(isClaim).forEach(this.#add);
    } else if (resource === 'pods' && isPod(object) && (type === 'DELETED' || isFinished(object))) {
      for (const { persistentVolumeClaim: claim } of object.spec.volumes ?? []) {
        if (claim !== undefined) {
          this.#queue.add(`${object.metadata.namespace}/${claim.claimName}`);
        }
      }
    }
  }

  close(): void {
    this.#queue.close();
  }

  readonly #add = ({ metadata: { namespace, name } }: Claim): void => {
    this.#queue.add(`${namespace}/${name}`);
  };

  #sync(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const claim = this.#store.get(CLAIMS, namespace, name);
    if (!isClaim(claim)) {
      return;
    }
    if (claim.metadata.deletionTimestamp !== undefined) {
      this.#release(claim);
    } else if (claim.spec.volumeName === undefined) {
      this.#provision(claim);
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

  /** Makes a volume for the claim and binds the two, or says why there is none. */
  #provision(claim: Claim): void {
    const { storageClassName = '', accessModes } = claim.spec;
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
    if (storageClass['provisioner'] !== PROVISIONER || this.#folder === undefined) {
      const message = `Waiting for a volume to be created by the external provisioner '${String(storageClass['provisioner'])}'`;
      this.#events.event(claim, 'Normal', 'ExternalProvisioning', message);
      return;
    }
    const { namespace = '', name, uid } = claim.metadata;
    const volume = volumeOf(claim);
    const capacity = { storage: claim.spec.resources?.requests?.['storage'] };
    this.#store.create(VOLUMES, {
      metadata: { name: volume, annotations: { 'pv.kubernetes.io/provisioned-by': PROVISIONER } },
      spec: {
        accessModes,
        capacity,
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
        hostPath: { path: join(this.#folder, volume), type: 'DirectoryOrCreate' },
        persistentVolumeReclaimPolicy: 'Delete',
        storageClassName,
        volumeMode: claim.spec.volumeMode,
      },
      status: { phase: 'Bound' },
    });
    this.#store.update(CLAIMS, namespace, name, (draft) => {
      if (isClaim(draft)) {
        draft.spec.volumeName = volume;
        draft.status = { accessModes, capacity, phase: 'Bound' };
      }
    });
    const message = `Successfully provisioned volume ${volume}`;
    this.#events.event(claim, 'Normal', 'ProvisioningSucceeded', message);
  }

  /** The volume goes with its claim. */
  #clearAway(claim: Claim): void {
    const name = volumeOf(claim);
    if (this.#folder !== undefined && this.#store.get(VOLUMES, undefined, name) !== undefined) {
      this.#store.delete(VOLUMES, undefined, name);
      void rm(join(this.#folder, name), { recursive: true, force: true });
    }
  }
}

function volumeOf({ metadata }: Claim): string {
  return `pvc-${metadata.uid}`;
}
