import { type Job, type KubeApi, type Pod, findPods, readJob } from '@cloudemy/k8s';
import { ProblemError } from '@cloudemy/service';
import { type Scope, isInScope } from '../auth/caller.js';
import type { Grants } from '../auth/grants.js';
import { objectKey } from '../deployments/identity.js';
import { deploymentLabels } from '../deployments/labels.js';
import type { StoredDeployment } from '../deployments/model.js';
import type { DeploymentStore } from '../deployments/store.js';

/** A Job that a recorded deployment deployed, itself or by a CronJob. */
export interface DeployedJob {
  job: Job;
  uid: string;
  deploymentId: string;
}

/**
 * Finds Jobs that were deployed here. All that looks into Jobs goes through this: the service's account reaches
 * more of the cluster than its users may.
 */
export class DeployedJobs {
  private readonly parts: { api: KubeApi; store: DeploymentStore; grants: Grants };

  constructor(parts: { api: KubeApi; store: DeploymentStore; grants: Grants }) {
    this.parts = parts;
  }

  /** @throws ProblemError `namespace_not_served`, `not_found`, for Jobs that the caller may not work on too */
  async find(scope: Scope, namespace: string, name: string, signal?: AbortSignal): Promise<DeployedJob> {
    this.parts.grants.assertNamespace(scope.actor, namespace);
    return this.#deployed(scope, namespace, name, await this.#read(scope, namespace, name, signal));
  }

  /** The same with the Job's pods, oldest first: the cluster is asked for them while the database says whose the Job is. */
  async findWithPods(
    scope: Scope,
    namespace: string,
    name: string,
    signal?: AbortSignal,
  ): Promise<{ found: DeployedJob; pods: Pod[] }> {
    this.parts.grants.assertNamespace(scope.actor, namespace);
    const job = await this.#read(scope, namespace, name, signal);
    const asked = findPods(this.parts.api, job, { signal });
    // Whose it is comes first: what is wrong with the pods is nobody else's to know.
    const [whose, pods] = await Promise.allSettled([this.#deployed(scope, namespace, name, job), asked]);
    if (whose.status === 'rejected') throw whose.reason;
    if (pods.status === 'rejected') throw pods.reason;
    return { found: whose.value, pods: pods.value };
  }

  async #read(scope: Scope, namespace: string, name: string, signal?: AbortSignal): Promise<Job> {
    const job = await readJob(this.parts.api, namespace, name, { signal });
    if (job === undefined) throw await this.#notThere(scope, namespace, name);
    return job;
  }

  async #deployed(scope: Scope, namespace: string, name: string, job: Job): Promise<DeployedJob> {
    const deployment = await this.#deploymentOf(namespace, job);
    const { uid } = job.metadata;
    if (deployment === undefined || uid === undefined || !isInScope(scope, deployment.owner)) {
      throw scope.owner === undefined
        ? new ProblemError('not_found', {
            detail: `The Job ${name} in the namespace ${namespace} was not deployed by this service. Only deployed Jobs can be looked into.`,
          })
        : notYours(namespace, name);
    }
    return { job, uid, deploymentId: String(deployment._id) };
  }

  /** Who deployed a Job that was just read; undefined when it was deployed elsewhere. */
  async ownerOf(namespace: string, job: Job): Promise<{ owner: string; deploymentId: string } | undefined> {
    const deployment = await this.#deploymentOf(namespace, job);
    return deployment && { owner: deployment.owner, deploymentId: String(deployment._id) };
  }

  async #deploymentOf(namespace: string, job: Job): Promise<StoredDeployment | undefined> {
    const { store } = this.parts;
    const owners = job.metadata.ownerReferences?.filter(({ controller }) => controller === true) ?? [];
    for (const uid of [job.metadata.uid, ...owners.map((owner) => owner.uid)]) {
      const deployment = uid === undefined ? null : await store.findByUid(uid);
      if (deployment?.namespace === namespace) return deployment;
    }
    return this.#unconfirmed(namespace, job);
  }

  /** Applied a moment ago, or just before this service stopped: recorded, but not yet with its uid. */
  async #unconfirmed(namespace: string, job: Job): Promise<StoredDeployment | undefined> {
    const { name, labels } = job.metadata;
    const key = objectKey({ apiVersion: 'batch/v1', kind: 'Job', name, generateName: undefined });
    const id = labels?.[deploymentLabels.deployment];
    const [deployment] = await this.parts.store.findLive(namespace, [key]);
    const stored = deployment?.objects.find((object) => object.key === key);
    return stored?.uid === null && deployment !== undefined && String(deployment._id) === id
      ? deployment
      : undefined;
  }

  async #notThere({ owner }: Scope, namespace: string, name: string): Promise<ProblemError> {
    const key = objectKey({ apiVersion: 'batch/v1', kind: 'Job', name, generateName: undefined });
    const [deployment] = await this.parts.store.findLive(namespace, [key], owner);
    if (deployment === undefined && owner !== undefined) return notYours(namespace, name);
    return new ProblemError('not_found', {
      detail:
        deployment === undefined
          ? `There is no Job ${name} in the namespace ${namespace}. See GET /deployments for what was deployed.`
          : `The Job ${name} was deployed to the namespace ${namespace}, but it is gone: somebody else or its time to live deleted it. Deploy it again.`,
    });
  }
}

/** The same whether somebody else has such a Job or nobody. */
const notYours = (namespace: string, name: string): ProblemError =>
  new ProblemError('not_found', {
    detail: `You have deployed no Job ${name} to the namespace ${namespace}. See GET /deployments for what you have.`,
  });
