import { setMaxListeners } from 'node:events';
import { type KubeApi, KubeApiError, type UnknownObject, isNotFound, resourcePath } from '@cloudemy/k8s';
import { inParallel } from './in-parallel.js';
import { deploymentLabels, selectorOf } from './labels.js';
import type { StoredDeployment, StoredObject } from './model.js';
import { type LiveState, describeObject } from './object-state.js';

/** Milliseconds the cluster may take for a page of deployments; a slow one must not hang the list. */
const readMs = 5_000;
/** Requests about single objects at a time. */
const maxAtOnce = 16;

const unknown: LiveState = { state: 'unknown', message: 'the cluster does not answer' };
const gone: LiveState = { state: 'gone', message: 'it was deleted by somebody else' };
const replaced: LiveState = { state: 'replaced', message: 'another object has its name now' };
const notCreated: LiveState = { state: 'not_created', message: 'it was never created' };

/** An object of the inventory with what the cluster says of it. */
export interface SeenObject {
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
): Promise<Map<StoredDeployment, SeenObject[]>> {
  const signal = AbortSignal.timeout(readMs);
  setMaxListeners(0, signal);
  const reader = new LiveReader(api, signal);
  await reader.list(deployments);
  const seen = new Map<StoredDeployment, SeenObject[]>();
  const late: { deployment: StoredDeployment; object: SeenObject }[] = [];
  for (const deployment of deployments) {
    const objects = deployment.objects.map((stored) => reader.look(deployment, stored));
    seen.set(deployment, objects);
    for (const object of objects) {
      if (object.live === gone && object.name !== null) late.push({ deployment, object });
    }
  }
  await inParallel(late, maxAtOnce, ({ deployment, object }) => reader.lookAgain(deployment, object));
  return seen;
}

class LiveReader {
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

  look(deployment: StoredDeployment, stored: StoredObject): SeenObject {
    const list = this.#lists.get(resourcePath(stored.resource, { namespace: deployment.namespace }));
    const { uid, name } = stored;
    if (list === undefined) return { stored, live: unknown, uid, name };
    const found = list.find((object) => isObject(object, deployment, stored));
    if (found !== undefined) {
      return {
        stored,
        live: describeObject(stored.kind, found),
        uid: found.metadata.uid ?? uid,
        name: found.metadata.name ?? name,
      };
    }
    return { stored, live: uid === null ? notCreated : gone, uid, name };
  }

  /** Somebody may have taken our label off an object, or put another one in its place. */
  async lookAgain(deployment: StoredDeployment, seen: SeenObject): Promise<void> {
    const { resource, kind } = seen.stored;
    const path = resourcePath(resource, { namespace: deployment.namespace, name: seen.name ?? undefined });
    try {
      const object = await this.api.get<UnknownObject>(path, { signal: this.signal });
      seen.live = object.metadata.uid === seen.uid ? describeObject(kind, object) : replaced;
    } catch (error) {
      if (!isNotFound(error)) seen.live = unknown;
    }
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

/** By uid; one whose creation was never confirmed by the name and label it was to have. */
function isObject(object: UnknownObject, deployment: StoredDeployment, stored: StoredObject): boolean {
  if (stored.uid !== null) return object.metadata.uid === stored.uid;
  return (
    object.metadata.labels?.[deploymentLabels.deployment] === String(deployment._id) &&
    stored.name !== null &&
    object.metadata.name === stored.name
  );
}
