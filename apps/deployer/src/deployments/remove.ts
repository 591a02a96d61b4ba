import { setTimeout as sleep } from 'node:timers/promises';
import { mapLimit } from '@cloudemy/async';
import type { DeleteAnswer, DeleteRequest, ObjectReport } from '@cloudemy/contracts';
import {
  type Deletion,
  type KubeApi,
  KubeApiError,
  KubeConnectionError,
  deleteObject,
  readObject,
} from '@cloudemy/k8s';
import { type Logger, ProblemError, notFound } from '@cloudemy/service';
import { type Scope, isInScope } from '../auth/caller.js';
import { requestsAtOnce } from '../cluster/concurrency.js';
import { busy } from './conflict.js';
import { objectReference } from './identity.js';
import { refusal } from './manifest-errors.js';
import type { StoredDeployment, StoredObject } from './model.js';
import { findUnconfirmed } from './recover.js';
import type { DeploymentStore } from './store.js';
import { podsOfJobs } from './surroundings.js';
import type { YamlReader } from './yaml-reader.js';

export interface RemoveOptions {
  /** Answer only when it is gone, dependants too. */
  wait: boolean;
  timeout_seconds: number;
  dry_run?: boolean;
}

/** What happened to one object. */
interface Removal {
  stored: StoredObject;
  report: ObjectReport;
  /** The cluster did not answer. */
  unreachable: boolean;
  /** It failed for what another try may cure. */
  isCurable: boolean;
}

/** Deletes what was deployed and nothing else. */
export class Remover {
  private readonly parts: { api: KubeApi; store: DeploymentStore; yaml: YamlReader; log: Logger };

  constructor(parts: { api: KubeApi; store: DeploymentStore; yaml: YamlReader; log: Logger }) {
    this.parts = parts;
  }

  /**
   * Deletes the recorded objects that a YAML text names.
   *
   * @throws ProblemError `not_found` when nothing of it was ever deployed, `invalid_manifest`, `conflict`,
   *   `unavailable`, `delete_incomplete`
   */
  async byYaml(scope: Scope, request: DeleteRequest): Promise<DeleteAnswer> {
    const { namespace } = request;
    const { objects, faults } = await this.parts.yaml.read(scope.actor.userId, request.yaml_content);
    if (faults.length > 0) throw refusal(faults);
    const keys = new Map(objects.map(({ key, document }) => [key, document.index]));
    const found = await this.#find(scope, namespace, [...keys.keys()]);
    const removals: Removal[] = [];
    for (const deployment of found) {
      removals.push(...(await this.#remove(deployment, ({ key }) => keys.has(key), request)));
    }
    // A deployment may have been made from several texts: whoever sends one of them knows the numbers of that.
    const own = removals.map(({ stored, report, ...rest }) => {
      const document = keys.get(stored.key) ?? report.document;
      return { stored, ...rest, report: { ...report, document } };
    });
    return this.#answer(found, namespace, own, request);
  }

  /**
   * Deletes a deployment with all its objects.
   *
   * @throws ProblemError `not_found`, `conflict`, `unavailable`, `delete_incomplete`
   */
  async byId(scope: Scope, deploymentId: string, options: RemoveOptions): Promise<DeleteAnswer> {
    const deployment = await this.parts.store.get(deploymentId);
    if (deployment === null || !isInScope(scope, deployment.owner))
      throw notFound('deployment', deploymentId);
    const removals = await this.#remove(deployment, () => true, options);
    return this.#answer([deployment], deployment.namespace, removals, options);
  }

  /** One's own first: to an administrator the same YAML may mean deployments of several users. */
  async #find({ actor, owner }: Scope, namespace: string, keys: string[]): Promise<StoredDeployment[]> {
    const { store } = this.parts;
    const own = await store.findLive(namespace, keys, actor.userId);
    const live = own.length > 0 ? own : await store.findLive(namespace, keys, owner);
    if (live.length > 0) return live;
    const deleted = await store.findDeleted(namespace, keys, owner);
    if (deleted !== null) return [deleted];
    throw new ProblemError('not_found', {
      detail: `Nothing of this YAML was deployed to the namespace ${namespace} by this service. See GET /deployments for what was.`,
    });
  }

  async #remove(
    deployment: StoredDeployment,
    isSelected: (object: StoredObject) => boolean,
    options: RemoveOptions,
  ): Promise<Removal[]> {
    const { api, store } = this.parts;
    if (!deployment.live) {
      return deployment.objects
        .filter(isSelected)
        .map((stored) => removal(deployment, stored, 'already_gone'));
    }
    const objects = deployment.objects.every(({ uid }) => uid !== null)
      ? deployment.objects
      : await findUnconfirmed(api, deployment);
    const selected = objects.filter(isSelected);
    if (options.dry_run === true) {
      return mapLimit(selected, requestsAtOnce, (stored) => this.#wouldRemove(deployment, stored));
    }
    const record = await store.begin(deployment, 'delete', objects);
    if (record === null) throw busy(`Another request is changing the deployment ${String(deployment._id)}.`);
    const waitMs = options.wait ? options.timeout_seconds * 1_000 : 0;
    const removals = await store.holding(record, () =>
      mapLimit(selected, requestsAtOnce, (stored) => this.#removeOne(record, stored, waitMs)),
    );
    await this.#record(deployment, record, objects, removals);
    return removals;
  }

  async #removeOne(deployment: StoredDeployment, stored: StoredObject, waitMs: number): Promise<Removal> {
    const { namespace } = deployment;
    const { resource, name, uid } = stored;
    if (uid === null || name === null) return removal(deployment, stored, 'already_gone');
    const reference = { ...resource, namespace, name, uid };
    try {
      const { api } = this.parts;
      const outcome = await deleteObject(api, reference, {
        // Foreground deletion ends when the dependants are gone, which is what a waiting caller waits for. A Job is
        // let go of at once otherwise, so that it can be deployed again; its pods are looked for by its uid.
        propagationPolicy: waitMs > 0 || hasDependants.has(stored.kind) ? 'Foreground' : 'Background',
        waitMs,
      });
      if (outcome === 'replaced' || outcome === 'remaining') {
        return removal(deployment, stored, resultOf[outcome]);
      }
      const isLeft =
        (outcome === 'deleted' && (await readObject(api, reference))?.metadata.uid === uid) ||
        (stored.kind === 'Job' && (await this.#hasPods(namespace, uid, waitMs)));
      return removal(deployment, stored, isLeft ? 'deleting' : resultOf[outcome]);
    } catch (error) {
      if (!(error instanceof KubeApiError) && !(error instanceof KubeConnectionError)) throw error;
      const unreachable = error instanceof KubeConnectionError;
      const message = unreachable ? 'the cluster does not answer' : error.message;
      const isCurable = unreachable || error.isTransient;
      return { ...removal(deployment, stored, 'failed', message), unreachable, isCurable };
    }
  }

  /** Whether a Job that is gone itself still has pods after so many milliseconds. */
  async #hasPods(namespace: string, uid: string, waitMs: number): Promise<boolean> {
    const until = performance.now() + waitMs;
    for (;;) {
      if ((await podsOfJobs(this.parts.api, namespace, [uid], undefined)).length === 0) return false;
      if (performance.now() >= until) return true;
      await sleep(betweenLooksMs);
    }
  }

  async #wouldRemove(deployment: StoredDeployment, stored: StoredObject): Promise<Removal> {
    const { resource, name, uid } = stored;
    if (uid === null || name === null) return removal(deployment, stored, 'already_gone');
    const { namespace } = deployment;
    const object = await readObject(this.parts.api, { ...resource, namespace, name });
    if (object === undefined) return removal(deployment, stored, 'already_gone');
    return object.metadata.uid === uid
      ? removal(deployment, stored, 'deleted', 'would be')
      : removal(deployment, stored, 'replaced');
  }

  async #record(
    before: StoredDeployment,
    record: StoredDeployment,
    objects: StoredObject[],
    removals: readonly Removal[],
  ): Promise<void> {
    const { store, log } = this.parts;
    if (removals.every(({ unreachable }) => unreachable)) {
      await store.finish(record, { stage: before.stage, objects, error: before.error ?? undefined });
      throw new ProblemError('unavailable', {
        detail: 'The cluster does not answer, so nothing was deleted. Try again shortly.',
        retryAfter: 2,
      });
    }
    const isLeft = new Set(removals.filter(({ report }) => isUnfinished(report)).map(({ stored }) => stored));
    const others = objects.filter((object) => removals.every(({ stored }) => stored !== object));
    if (others.length > 0) {
      const stage = before.stage === 'deleting' ? 'deleting' : before.stage;
      const left = objects
        .filter((object) => others.includes(object) || isLeft.has(object))
        .map((object) => (isLeft.has(object) ? { ...object, deletion_asked: true } : object));
      await store.finish(record, { stage, objects: left, error: before.error ?? undefined });
    } else {
      await store.finish(record, { stage: isLeft.size > 0 ? 'deleting' : 'deleted', objects });
    }
    log.info({ deployment_id: String(record._id), left: others.length + isLeft.size }, 'deleted');
  }

  #answer(
    deployments: readonly StoredDeployment[],
    namespace: string,
    removals: readonly Removal[],
    { dry_run: dryRun = false }: RemoveOptions,
  ): DeleteAnswer {
    const objects = removals.map(({ report }) => report);
    const failed = objects.filter(({ result }) => result === 'failed');
    if (failed.length > 0) {
      const isInterrupted = removals.every(
        ({ report, isCurable }) => report.result !== 'failed' || isCurable,
      );
      throw new ProblemError(isInterrupted ? 'delete_interrupted' : 'delete_incomplete', {
        ...(isInterrupted ? { retryAfter: 2 } : {}),
        detail: `${failed.length} of ${objects.length} objects could not be deleted: ${failed[0]?.message ?? ''}. Try again.`,
        extensions: { objects },
      });
    }
    const left = objects.filter((report) => isUnfinished(report)).length;
    return {
      deployments: deployments.map(({ _id }) => String(_id)),
      namespace,
      dry_run: dryRun,
      complete: !dryRun && left === 0,
      objects,
      message: dryRun
        ? 'Nothing was changed.'
        : left === 0
          ? 'All of it is gone.'
          : `${left} of ${objects.length} are still going.`,
    };
  }
}

const betweenLooksMs = 200;

/** Kinds whose pods belong to objects between, which only a deletion from the outside in keeps in sight. */
const hasDependants = new Set(['Deployment', 'StatefulSet', 'ReplicaSet', 'DaemonSet', 'CronJob']);

const resultOf = {
  deleted: 'deleted',
  absent: 'already_gone',
  replaced: 'replaced',
  remaining: 'deleting',
} as const satisfies Record<Deletion, ObjectReport['result']>;

const isUnfinished = ({ result }: ObjectReport): boolean => result === 'failed' || result === 'deleting';

function removal(
  { namespace }: StoredDeployment,
  stored: StoredObject,
  result: ObjectReport['result'],
  message: string | null = null,
): Removal {
  const words = result === 'replaced' ? 'another object has its name now and was left alone' : message;
  return {
    stored,
    report: { ...objectReference(namespace, stored), result, message: words, warnings: [] },
    unreachable: false,
    isCurable: false,
  };
}
