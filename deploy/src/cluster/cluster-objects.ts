import {
  type KubeApi,
  Discovery,
  type UnknownObject,
  type Written,
  isNotFound,
  resourcePath,
} from '@cloudemy/k8s';
import { describeObject } from '../manifests/objects.js';

/** How the server records what was set by `npm run deploy`. */
const fieldManager = 'cloudemy-deploy';

/** The cluster does not take an object; the message names it and says why. */
export class ApplyRefused extends Error {
  override readonly name = 'ApplyRefused';
}

/** Reads, applies and deletes objects of any kind. */
export class ClusterObjects {
  readonly #discovery: Discovery;

  readonly api: KubeApi;

  constructor(api: KubeApi) {
    this.api = api;

    this.#discovery = new Discovery(api);
  }

  /**
   * Server-side apply of all fields, taking over those that another client set. Refuses unknown fields.
   *
   * @throws ApplyRefused
   */
  async apply(object: UnknownObject): Promise<Pick<Written<UnknownObject>, 'created' | 'warnings'>> {
    const path = await this.#pathOf(object);
    if (path === undefined) {
      throw new ApplyRefused(
        `${describeObject(object)}: the cluster has no such kind in ${object.apiVersion ?? ''}`,
      );
    }
    try {
      const options = { fieldManager, force: true, fieldValidation: 'Strict' as const };
      return await this.api.apply<UnknownObject>(path, object, options);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      throw new ApplyRefused(`${describeObject(object)} cannot be applied: ${words}`, { cause: error });
    }
  }

  /** The object as it is, or undefined when there is none. */
  async read(object: UnknownObject): Promise<UnknownObject | undefined> {
    const path = await this.#pathOf(object);
    if (path === undefined) return undefined;
    return this.api.get<UnknownObject>(path).catch(undefinedWhenAbsent);
  }

  /** False when there was none. Its dependants go in the background. */
  async delete(object: UnknownObject): Promise<boolean> {
    const path = await this.#pathOf(object);
    if (path === undefined) return false;
    return (await this.api.delete(path).catch(undefinedWhenAbsent)) !== undefined;
  }

  /** Objects of a kind in a namespace. */
  async list<T extends UnknownObject>(
    type: { group: string; version: string; resource: string },
    namespace: string | undefined,
    labelSelector?: string,
  ): Promise<T[]> {
    const { items } = await this.api.listAll<T>(resourcePath(type, { namespace }), { labelSelector });
    return items;
  }

  async #pathOf({ apiVersion = '', kind = '', metadata }: UnknownObject): Promise<string | undefined> {
    const resource = await this.#discovery.find(apiVersion, kind);
    if (resource === undefined) return undefined;
    return resourcePath(resource, {
      namespace: resource.namespaced ? metadata.namespace : undefined,
      name: metadata.name,
    });
  }
}

function undefinedWhenAbsent(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
