import { setMaxListeners } from 'node:events';
import { mapLimit } from '@cloudemy/async';
import {
  type KubeApi,
  KubeApiError,
  type UnknownObject,
  isControlledBy,
  isNotFound,
  resourcePath,
} from '@cloudemy/k8s';
import { requestsAtOnce } from '../cluster/concurrency.js';
import { deploymentLabels, selectorOf } from './labels.js';
import type { StoredDeployment, StoredObject } from './model.js';
import { type LiveState, describeObject } from './object-state.js';
import { type Around, type Located, podsOfJobs, readSurroundings } from './surroundings.js';

/** Milliseconds the cluster may take for a page of deployments; a slow one must not hang the list. */
const readMs = 5_000;

const unknown: LiveState = { state: 'unknown', message: 'the cluster does not answer' };
const podsLeft: LiveState = { state: 'terminating', message: 'its pods are still ending' };
const replaced: LiveState = { state: 'replaced', message: 'another object has its name now' };
const notCreated: LiveState = { state: 'not_created', message: 'it was never created' };

/** An object of the inventory with what the cluster says of it. */
export interface LiveObject {
  stored: StoredObject;
  live: LiveState;
  /** The uid it has or had. */
  uid: string | null;
  name: string | null;
}

/**
 * What the cluster has of these deployments: one list per kind and namespace, and a look at each object that
 * no list showed. What cannot be read in time is `unknown`; nothing is thrown for a cluster that is down.
 */
export async function readLiveObjects(
  api: KubeApi,
  deployments: readonly StoredDeployment[],
): Promise<Map<StoredDeployment, LiveObject[]>> {
  const signal = AbortSignal.timeout(readMs);
  setMaxListeners(0, signal);
  const reader = new LiveReader(api, signal);
  await reader.list(deployments);
  await reader.lookAround(deployments);
  const seen = new Map<StoredDeployment, LiveObject[]>();
  const late: { deployment: StoredDeployment; object: LiveObject }[] = [];
  for (const deployment of deployments) {
    const objects = deployment.objects.map((stored) => reader.look(deployment, stored));
    seen.set(deployment, objects);
    for (const object of objects) {
      if (object.live.state === 'gone' && object.name !== null) late.push({ deployment, object });
    }
  }
  await reader.lookForPods(deployments, seen);
  await mapLimit(late, requestsAtOnce, ({ deployment, object }) => reader.lookAgain(deployment, object));
  return seen;
}

class LiveReader {
  /** Undefined when it could not be read. */
  #around: ((located: Located) => Around) | undefined;
  /** By path of the collection; undefined when it could not be read. */
  readonly #lists = new Map<string, UnknownObject[] | undefined>();

  private readonly api: KubeApi;
  private readonly signal: AbortSignal;

  constructor(api: KubeApi, signal: AbortSignal) {
    this.api = api;
    this.signal = signal;
  }

  async list(deployments: readonly StoredDeployment[]): Promise<void> {
    const idsByPath = new Map<string, Set<string>>();
    for (const deployment of deployments) {
      for (const { resource } of deployment.objects) {
        const path = resourcePath(resource, { namespace: deployment.namespace });
        idsByPath.set(path, (idsByPath.get(path) ?? new Set()).add(String(deployment._id)));
      }
    }
    await Promise.all(
      [...idsByPath].map(async ([path, ids]) => {
        this.#lists.set(path, await this.#read(path, [...ids]));
      }),
    );
  }

  /** Reads what says more of the objects that were found than they do themselves. */
  async lookAround(deployments: readonly StoredDeployment[]): Promise<void> {
    const located = deployments.flatMap((deployment) =>
      deployment.objects.flatMap((stored) => {
        const object = this.#find(deployment, stored);
        return object === undefined ? [] : [{ kind: stored.kind, namespace: deployment.namespace, object }];
      }),
    );
    this.#around = await readSurroundings(this.api, located, this.signal).catch(() => undefined);
  }

  #listOf(deployment: StoredDeployment, stored: StoredObject): UnknownObject[] | undefined {
    return this.#lists.get(resourcePath(stored.resource, { namespace: deployment.namespace }));
  }

  #find(deployment: StoredDeployment, stored: StoredObject): UnknownObject | undefined {
    return this.#listOf(deployment, stored)?.find((object) => isObject(object, deployment, stored));
  }

  look(deployment: StoredDeployment, stored: StoredObject): LiveObject {
    const { namespace } = deployment;
    const { uid, name, kind } = stored;
    if (this.#listOf(deployment, stored) === undefined) return { stored, live: unknown, uid, name };
    const found = this.#find(deployment, stored);
    if (found !== undefined) {
      const around = this.#around?.({ kind, namespace, object: found });
      // Without its pods a Job that cannot start looks as if it were about to.
      const isTold = around !== undefined || (kind !== 'Job' && kind !== 'CronJob');
      return {
        stored,
        live: isTold ? describeObject(kind, found, around) : unknown,
        uid: found.metadata.uid ?? uid,
        name: found.metadata.name ?? name,
      };
    }
    return { stored, live: uid === null ? notCreated : goneBy(deployment, stored), uid, name };
  }

  /** Somebody may have taken our label off an object, or put another one in its place. */
  async lookAgain(deployment: StoredDeployment, seen: LiveObject): Promise<void> {
    const { resource, kind } = seen.stored;
    const path = resourcePath(resource, { namespace: deployment.namespace, name: seen.name ?? undefined });
    try {
      const object = await this.api.get<UnknownObject>(path, { signal: this.signal });
      seen.live = object.metadata.uid === seen.uid ? describeObject(kind, object) : replaced;
    } catch (error) {
      if (!isNotFound(error)) seen.live = unknown;
    }
  }

  /** A Job that was deleted is not gone before its pods are, which may take all of their grace period. */
  async lookForPods(
    deployments: readonly StoredDeployment[],
    seen: ReadonlyMap<StoredDeployment, readonly LiveObject[]>,
  ): Promise<void> {
    await mapLimit(deployments, requestsAtOnce, async (deployment) => {
      const isAsked = ({ stored }: LiveObject) => deployment.stage === 'deleting' || stored.deletion_asked;
      const jobs = (seen.get(deployment) ?? []).filter(
        (object) => object.stored.kind === 'Job' && object.live.state === 'gone' && isAsked(object),
      );
      if (jobs.length === 0) return;
      const uids = jobs.flatMap(({ uid }) => uid ?? []);
      const left = await podsOfJobs(this.api, deployment.namespace, uids, this.signal).catch(() => undefined);
      for (const job of jobs) {
        if (left === undefined) job.live = unknown;
        else if (left.some((pod) => isControlledBy(pod, job.uid ?? ''))) job.live = podsLeft;
      }
    });
  }

  async #read(path: string, ids: readonly string[]): Promise<UnknownObject[] | undefined> {
    try {
      const options = { labelSelector: selectorOf(ids), signal: this.signal };
      return (await this.api.listAll<UnknownObject>(path, options)).items;
    } catch (error) {
      // A kind that was taken out of the cluster took its objects along.
      return error instanceof KubeApiError && error.status === 404 ? [] : undefined;
    }
  }
}

/** Who took an object away, as far as is known. */
function goneBy({ stage }: StoredDeployment, stored: StoredObject): LiveState {
  if (stage === 'deleting' || stored.deletion_asked) return { state: 'gone', message: 'it was deleted' };
  const seconds = stored.time_to_live ?? null;
  const message =
    seconds === null
      ? 'it was deleted by somebody else'
      : `its time to live ended: the cluster deletes it ${seconds} s after its end, and its log with it`;
  return { state: 'gone', message };
}

/** By uid; one whose creation was never confirmed by the name and label it was to have. */
function isObject(object: UnknownObject, deployment: StoredDeployment, stored: StoredObject): boolean {
  if (stored.uid !== null) return object.metadata.uid === stored.uid;
  return (
    object.metadata.labels?.[deploymentLabels.deployment] === String(deployment._id) &&
    stored.name !== null &&
    object.metadata.name === stored.name
  );
}
