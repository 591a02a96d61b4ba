import { cloneJson } from '../../json.js';
import type { ObjectStore, StoreEvent } from '../../store/object-store.js';
import { EventRecorder } from '../event-recorder.js';
import { controllerOf, controllerReference } from '../ownership.js';
import { WorkQueue } from '../work-queue.js';
import { deploymentStatus, progressDeadline, putCondition } from './deployment-status.js';
import { currentSet, initialSize, margins, nextResizes, templateHash } from './rollout.js';
import type { Deployment, ReplicaSet } from './types.js';
import {
  amount,
  DESIRED,
  HASH_LABEL,
  isDeployment,
  isReplicaSet,
  keyOf,
  MAXIMUM,
  REVISION,
} from './types.js';

const DEPLOYMENTS = 'deployments.apps';
const REPLICA_SETS = 'replicasets.apps';
const DEFAULT_HISTORY = 10;

function revisionOf(set: ReplicaSet): number {
  return Number(set.metadata.annotations?.[REVISION] ?? 0);
}

/** Rolls Deployments out: one ReplicaSet for each template, the newest growing as the others give way. */
export class DeploymentController {
  readonly #store: ObjectStore;
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;

  constructor(store: ObjectStore, report: (key: string, error: unknown) => void) {
    this.#store = store;
    this.#events = new EventRecorder(store, { component: 'deployment-controller' });
    this.#queue = new WorkQueue((key) => this.#sync(key), report);
    for (const deployment of store.list(DEPLOYMENTS)) {
      this.#queue.add(keyOf(deployment));
    }
  }

  apply({ resource, object }: StoreEvent): void {
    if (resource === DEPLOYMENTS) {
      this.#queue.add(keyOf(object));
    } else if (resource === REPLICA_SETS) {
      const owner = controllerOf(object);
      if (owner?.kind === 'Deployment') {
        this.#queue.add(`${object.metadata.namespace}/${owner.name}`);
      }
    }
  }

  close(): void {
    this.#queue.close();
  }

  #sync(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const deployment = this.#store.get(DEPLOYMENTS, namespace, name);
    if (!isDeployment(deployment) || deployment.metadata.deletionTimestamp !== undefined) {
      return;
    }
    const sets = this.#setsOf(deployment);
    const current = currentSet(deployment, sets);
    if (current === undefined && deployment.spec.paused !== true) {
      this.#create(deployment, sets);
      return;
    }
    if (current !== undefined) {
      this.#mark(deployment, current, sets);
      const old = sets.filter((set) => set !== current);
      for (const { set, to } of nextResizes(deployment, current, deployment.spec.paused ? [] : old)) {
        this.#resize(deployment, set, to);
      }
      this.#forget(deployment, old);
    }
    this.#writeStatus(deployment);
  }

  /** The Deployment's ReplicaSets, oldest revision first. */
  #setsOf(deployment: Deployment): ReplicaSet[] {
    return this.#store
      .list(REPLICA_SETS, { namespace: deployment.metadata.namespace ?? '' })
      .filter(isReplicaSet)
      .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid)
      .sort((left, right) => revisionOf(left) - revisionOf(right));
  }

  #create(deployment: Deployment, sets: readonly ReplicaSet[]): void {
    const { namespace, name } = deployment.metadata;
    const revision = Math.max(0, ...sets.map(revisionOf)) + 1;
    const template = cloneJson(deployment.spec.template);
    const hash = templateHash(template);
    const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
    const replicas = initialSize(deployment, sets);
    const set = this.#store.create(REPLICA_SETS, {
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels,
        annotations: { ...this.#sizeNotes(deployment), [REVISION]: String(revision) },
        ownerReferences: [controllerReference(deployment)],
      },
      spec: {
        replicas,
        selector: { matchLabels: { ...deployment.spec.selector.matchLabels, [HASH_LABEL]: hash } },
        ...(deployment.spec.minReadySeconds ? { minReadySeconds: deployment.spec.minReadySeconds } : {}),
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
      status: { replicas: 0 },
    });
    this.#store.update(DEPLOYMENTS, namespace, name, (draft) => {
      if (isDeployment(draft)) {
        draft.metadata.annotations = { ...draft.metadata.annotations, [REVISION]: String(revision) };
        const message = `Created new replica set "${set.metadata.name}"`;
        const known = draft.status?.conditions ?? [];
        draft.status = {
          ...draft.status,
          conditions: putCondition(known, 'Progressing', 'True', 'NewReplicaSetCreated', message, true),
        };
      }
    });
    if (replicas > 0) {
      this.#tellSize(deployment, set.metadata.name, 0, replicas);
    }
    this.#queue.add(keyOf(deployment));
  }

  #tellSize(deployment: Deployment, set: string, from: number, to: number): void {
    const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${set} from ${from} to ${to}`;
    this.#events.event(deployment, 'Normal', 'ScalingReplicaSet', message);
  }

  #sizeNotes(deployment: Deployment): Record<string, string> {
    const wanted = deployment.spec.replicas ?? 1;
    return { [DESIRED]: String(wanted), [MAXIMUM]: String(wanted + margins(deployment).surge) };
  }

  /** A template that comes back (a rollback) becomes the newest revision. */
  #mark(deployment: Deployment, current: ReplicaSet, sets: readonly ReplicaSet[]): void {
    const newest = Math.max(...sets.map(revisionOf));
    const revision = revisionOf(current) === newest ? newest : newest + 1;
    this.#store.update(REPLICA_SETS, current.metadata.namespace, current.metadata.name, (draft) => {
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        ...this.#sizeNotes(deployment),
        [REVISION]: String(revision),
      };
    });
    this.#store.update(DEPLOYMENTS, deployment.metadata.namespace, deployment.metadata.name, (draft) => {
      if (isDeployment(draft) && draft.metadata.annotations?.[REVISION] !== String(revision)) {
        draft.metadata.annotations = { ...draft.metadata.annotations, [REVISION]: String(revision) };
        const message = `Found new replica set "${current.metadata.name}"`;
        const known = draft.status?.conditions ?? [];
        draft.status = {
          ...draft.status,
          conditions: putCondition(known, 'Progressing', 'True', 'FoundNewReplicaSet', message, true),
        };
      }
    });
  }

  #resize(deployment: Deployment, set: ReplicaSet, to: number): void {
    const from = amount(set.spec.replicas);
    this.#store.update(REPLICA_SETS, set.metadata.namespace, set.metadata.name, (draft) => {
      if (isReplicaSet(draft)) {
        draft.spec.replicas = to;
        draft.metadata.annotations = { ...draft.metadata.annotations, ...this.#sizeNotes(deployment) };
      }
    });
    this.#tellSize(deployment, set.metadata.name, from, to);
  }

  /** Old ReplicaSets without pods are kept for rollbacks, but not for ever. */
  #forget(deployment: Deployment, old: readonly ReplicaSet[]): void {
    const empty = old.filter(
      ({ spec, status, metadata }) =>
        amount(spec.replicas) === 0 &&
        amount(status?.replicas) === 0 &&
        metadata.deletionTimestamp === undefined,
    );
    const surplus = empty.length - (deployment.spec.revisionHistoryLimit ?? DEFAULT_HISTORY);
    for (const { metadata } of empty.slice(0, Math.max(0, surplus))) {
      this.#store.delete(REPLICA_SETS, metadata.namespace, metadata.name);
    }
  }

  #writeStatus(deployment: Deployment): void {
    const { namespace, name } = deployment.metadata;
    const sets = this.#setsOf(deployment);
    const current = currentSet(deployment, sets);
    const stored = this.#store.update(DEPLOYMENTS, namespace, name, (draft) => {
      if (isDeployment(draft)) {
        draft.status = deploymentStatus(draft, current, sets);
      }
    });
    if (isDeployment(stored) && Number.isFinite(progressDeadline(stored))) {
      this.#queue.addAfter(keyOf(stored), progressDeadline(stored) - Date.now());
    }
  }
}
