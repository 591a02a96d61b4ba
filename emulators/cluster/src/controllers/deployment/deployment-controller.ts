import { cloneJson } from '../../json.js';
import type { ObjectStore } from '../../store/object-store.js';
import type { Report } from '../owner-controller.js';
import { OwnerController } from '../owner-controller.js';
import { controllerOf, controllerReference } from '../ownership.js';
import { deploymentStatus } from './deployment-status.js';
import { currentSet, newSize, oldSizes, templateHash } from './rollout.js';
import type { Deployment, ReplicaSet } from './types.js';
import { amount, HASH_LABEL, isDeployment, isReplicaSet } from './types.js';

const DEPLOYMENTS = 'deployments.apps';
const REPLICA_SETS = 'replicasets.apps';
const KEPT = {
  kind: 'Deployment',
  resource: DEPLOYMENTS,
  owned: REPLICA_SETS,
  is: isDeployment,
  component: 'deployment-controller',
};

/** Rolls Deployments out: a ReplicaSet for the template, growing as those of former templates give way and go. */
export class DeploymentController extends OwnerController<Deployment> {
  constructor(store: ObjectStore, report: Report) {
    super(store, KEPT, report);
  }

  protected sync(deployment: Deployment): void {
    const { namespace, name, deletionTimestamp } = deployment.metadata;
    if (deletionTimestamp !== undefined) {
      return;
    }
    const sets = this.#setsOf(deployment);
    const current = currentSet(deployment, sets);
    const old = sets.filter((set) => set !== current);
    if (current === undefined) {
      this.#create(deployment, newSize(deployment, old));
    } else {
      this.#resize(deployment, current, newSize(deployment, old));
      for (const [set, size] of oldSizes(deployment, current, old)) {
        this.#resize(deployment, set, size);
        this.#forget(set);
      }
    }
    this.store.update(DEPLOYMENTS, namespace, name, (draft) => {
      if (isDeployment(draft)) {
        const now = this.#setsOf(draft);
        draft.status = deploymentStatus(draft, currentSet(draft, now), now);
      }
    });
  }

  #setsOf(deployment: Deployment): ReplicaSet[] {
    return this.store
      .list(REPLICA_SETS, { namespace: deployment.metadata.namespace ?? '' })
      .filter(isReplicaSet)
      .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid);
  }

  #create(deployment: Deployment, replicas: number): void {
    const { namespace, name } = deployment.metadata;
    const template = cloneJson(deployment.spec.template);
    const hash = templateHash(template);
    const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
    const set = this.store.create(REPLICA_SETS, {
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels,
        ownerReferences: [controllerReference(deployment)],
      },
      spec: {
        replicas,
        selector: { matchLabels: { ...deployment.spec.selector.matchLabels, [HASH_LABEL]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    });
    this.#tellSize(deployment, set.metadata.name, 0, replicas);
  }

  #resize(deployment: Deployment, set: ReplicaSet, to: number): void {
    const { namespace, name } = set.metadata;
    this.store.update(REPLICA_SETS, namespace, name, (draft) => {
      if (isReplicaSet(draft)) {
        draft.spec.replicas = to;
      }
    });
    this.#tellSize(deployment, name, amount(set.spec.replicas), to);
  }

  #tellSize(deployment: Deployment, set: string, from: number, to: number): void {
    if (from !== to) {
      const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${set} from ${from} to ${to}`;
      this.events.event(deployment, 'Normal', 'ScalingReplicaSet', message);
    }
  }

  /** A ReplicaSet of a former template goes with its last pod. */
  #forget({ spec, status, metadata }: ReplicaSet): void {
    const left = amount(spec.replicas) + amount(status?.replicas) + amount(status?.terminatingReplicas);
    if (left === 0 && metadata.deletionTimestamp === undefined) {
      this.store.delete(REPLICA_SETS, metadata.namespace, metadata.name);
    }
  }
}
