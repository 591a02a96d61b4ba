import type { DeployAnswer, DeployRequest } from '@cloudemy/contracts';
import type { Discovery, KubeApi } from '@cloudemy/k8s';
import { type Logger, ProblemError } from '@cloudemy/service';
import { type Scope, isInScope } from '../auth/caller.js';
import type { Grants } from '../auth/grants.js';
import { newId } from '@cloudemy/mongo';
import { type AppliedObject, applyAll } from './apply-all.js';
import type { ApplyTarget } from './apply-target.js';
import { busy } from './conflict.js';
import { dryRunAnswer, joinedWords, summary } from './deploy-answer.js';
import { dryRun } from './dry-run.js';
import { forgetGone } from './forget-gone.js';
import { claimsOf, fingerprintOf } from './identity.js';
import { type Fault, faultAt, refusal } from './manifest-errors.js';
import { type Inventory, planInventory } from './inventory.js';
import type { StoredDeployment, StoredObject } from './model.js';
import type { Allowance } from './allowance.js';
import { type PlannedObject, policyFaults } from './plan.js';
import { findUnconfirmed } from './recover.js';
import { ClaimTakenError, type DeploymentStore } from './store.js';
import type { YamlReader } from './yaml-reader.js';

export interface DeployParts {
  api: KubeApi;
  discovery: Discovery;
  store: DeploymentStore;
  grants: Grants;
  yaml: YamlReader;
  allowance: Allowance;
  log: Logger;
}

/** Turns YAML into objects of the cluster, and remembers which. */
export class Deployer {
  private readonly parts: DeployParts;

  constructor(parts: DeployParts) {
    this.parts = parts;
  }

  /**
   * Checks everything, sends everything as a dry run, then applies it.
   *
   * @param signal aborts the checks; once the cluster is being changed it is seen through
   * @returns `isNew` when there was no such deployment before
   * @throws ProblemError `namespace_not_served`, `invalid_manifest`, `object_conflict`, `conflict`, `too_large`, `cluster_error`,
   *   `unavailable`, `quota_exceeded`, `deploy_incomplete`
   */
  async deploy(
    scope: Scope,
    request: DeployRequest,
    signal: AbortSignal,
  ): Promise<{ isNew: boolean; answer: DeployAnswer }> {
    const { namespace } = request;
    const { grants } = this.parts;
    grants.assertNamespace(scope.actor, namespace);
    const policy = grants.policyFor(scope.actor, namespace);
    const { objects, faulty, faults } = await this.parts.yaml.read(scope.actor.userId, request.yaml_content);
    const before = await this.#findBefore(scope, namespace, objects);
    const { id, createdAt } = newId();
    const deploymentId = String(before?._id ?? id);
    const target: ApplyTarget = { ...this.parts, policy, namespace, deploymentId, force: request.force };

    const allowed: PlannedObject[] = [];
    const claimed = await this.#claimFaults(scope, deploymentId, namespace, objects);
    for (const object of objects) {
      // A dry run of what somebody else has would reveal it.
      const found = [...policyFaults(object, policy, namespace), ...(claimed.get(object) ?? [])];
      if (found.length === 0) allowed.push(object);
      faults.push(...found);
    }
    for (const object of faulty) faults.push(...policyFaults(object, policy, namespace));
    const { accepted, faults: refused } = await dryRun(target, allowed, before, signal);
    faults.push(...refused);
    if (faults.length > 0) throw refusal(faults.toSorted(byPlace));

    const name = request.name ?? before?.name ?? objects[0]?.document.name ?? namespace;
    const inventory = planInventory(before, accepted);
    const owner = before?.owner ?? scope.actor.userId;
    await this.parts.allowance.assertRoom(owner, deploymentId, inventory.all);
    if (request.dry_run)
      return {
        isNew: false,
        answer: dryRunAnswer(name, before, namespace, inventory, joinedWords(before, objects)),
      };
    const record =
      before === null
        ? await this.#claiming(() =>
            this.parts.store.insert({
              _id: id,
              name,
              namespace,
              owner: scope.actor.userId,
              stage: 'deploying',
              objects: inventory.all,
              error: null,
              created_at: createdAt,
              updated_at: createdAt,
              deleted_at: null,
            }),
          )
        : await this.#begin(before, inventory.all);
    await this.#confirmRoom(record, before);
    const applied = await this.parts.store.holding(record, () => applyAll(target, inventory.planned));
    await this.#finish(record, inventory, applied);
    const reports = applied.map(({ report }) => report);
    return {
      isNew: before === null,
      answer: {
        deployment_id: deploymentId,
        name: record.name,
        namespace,
        dry_run: false,
        objects: reports,
        message: `${summary(reports)}${joinedWords(before, objects)}`,
      },
    };
  }

  /** The deployment this would update, with everything in it that is known to exist. */
  async #findBefore(
    scope: Scope,
    namespace: string,
    objects: readonly PlannedObject[],
  ): Promise<StoredDeployment | null> {
    const keys = objects.map(({ key }) => key);
    const { store } = this.parts;
    const found =
      (await store.findSame(namespace, fingerprintOf(keys), scope.actor.userId)) ??
      (await this.#onlyHolder(scope, namespace, keys));
    if (found === null) return null;
    const { api } = this.parts;
    const confirmed = found.objects.every(({ uid }) => uid !== null)
      ? found
      : { ...found, objects: await findUnconfirmed(api, found) };
    return { ...confirmed, objects: await forgetGone(api, confirmed) };
  }

  /** YAML that has grown or shrunk since still means the one deployment that has objects of it. */
  async #onlyHolder(
    scope: Scope,
    namespace: string,
    keys: readonly string[],
  ): Promise<StoredDeployment | null> {
    const [holder, another] = await this.parts.store.findHolders(claimsOf('', namespace, keys));
    if (holder === undefined || another !== undefined) return null;
    return isInScope(scope, holder.owner) ? holder : null;
  }

  async #claimFaults(
    scope: Scope,
    id: string,
    namespace: string,
    objects: readonly PlannedObject[],
  ): Promise<Map<PlannedObject, Fault[]>> {
    const claims = claimsOf(
      id,
      namespace,
      objects.map(({ key }) => key),
    );
    const holders = await this.parts.store.findHolders(claims);
    const faults = new Map<PlannedObject, Fault[]>();
    for (const object of objects) {
      const { key, document } = object;
      const holder = holders.find(
        (other) => String(other._id) !== id && other.claims.includes(`${namespace}/${key}`),
      );
      if (holder === undefined) continue;
      const reason = isInScope(scope, holder.owner)
        ? `${document.title} belongs to the deployment ${String(holder._id)} (${holder.name}): delete that one first, or give this object another name`
        : `${document.title} belongs to somebody else: give this object another name`;
      faults.set(object, [faultAt(document, 'ownership', 'metadata.name', reason)]);
    }
    return faults;
  }

  async #claiming<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (error instanceof ClaimTakenError)
        throw busy('Another request is deploying the same objects.', error);
      throw error;
    }
  }

  async #begin(before: StoredDeployment, objects: StoredObject[]): Promise<StoredDeployment> {
    const record = await this.#claiming(() => this.parts.store.begin(before, 'deploy', objects));
    if (record === null) throw busy(`Another request is changing the deployment ${String(before._id)}.`);
    return record;
  }

  /** Nothing exists of it yet: what was recorded is taken back when there is no room for it after all. */
  async #confirmRoom(record: StoredDeployment, before: StoredDeployment | null): Promise<void> {
    const { store, allowance } = this.parts;
    try {
      await allowance.assertRoom(record.owner, String(record._id), record.objects);
    } catch (error) {
      if (before === null) await store.forget(record);
      else {
        const { stage, objects } = before;
        await store.finish(record, { stage, objects, error: before.error ?? undefined });
      }
      throw error;
    }
  }

  /**
   * @throws ProblemError `deploy_incomplete`; `quota_exceeded` when a quota of the cluster is used up;
   *   `deploy_interrupted` when the cluster did not answer, which another try may cure
   */
  async #finish(
    record: StoredDeployment,
    { kept }: Inventory,
    applied: readonly AppliedObject[],
  ): Promise<void> {
    const { store, log } = this.parts;
    const objects = [...kept, ...applied.map(({ stored }) => stored)];
    const failed = applied.find(({ report }) => report.result === 'failed');
    if (failed === undefined) {
      await store.finish(record, { stage: 'deployed', objects });
      return;
    }
    const exists = objects.some(({ uid }) => uid !== null);
    const inDoubt = applied.some((object) => object.inDoubt);
    const { kind, name } = failed.stored;
    const why = `${kind} ${name ?? ''}: ${failed.report.message ?? ''}`;
    if (exists || inDoubt) await store.finish(record, { stage: 'incomplete', objects, error: why });
    else await store.forget(record);
    log.warn({ deployment_id: String(record._id), kind, object: name }, 'a deployment stopped half-way');
    const code = codeOf(applied);
    throw new ProblemError(code, {
      ...(code === 'deploy_interrupted' ? { retryAfter: 2 } : {}),
      detail: exists
        ? `${why}. What exists already is listed in objects: deploy the same again when this is mended, or delete it.`
        : `${why}. Nothing is known to exist of it.`,
      extensions: {
        objects: applied.map(({ report }) => report),
        ...(exists || inDoubt ? { deployment_id: String(record._id) } : {}),
      },
    });
  }
}

/** What another try may cure is a 503. */
function codeOf(
  applied: readonly AppliedObject[],
): 'quota_exceeded' | 'deploy_interrupted' | 'deploy_incomplete' {
  if (applied.some(({ overQuota }) => overQuota)) return 'quota_exceeded';
  const failed = applied.filter(({ report }) => report.result === 'failed');
  return failed.every(({ isCurable }) => isCurable) ? 'deploy_interrupted' : 'deploy_incomplete';
}

function byPlace(a: Fault, b: Fault): number {
  return (
    (a.error.document ?? 0) - (b.error.document ?? 0) ||
    (a.error.line ?? 0) - (b.error.line ?? 0) ||
    (a.error.column ?? 0) - (b.error.column ?? 0)
  );
}
