import type { JsonObject } from '../json.js';
import type { KubeObject } from '../objects.js';

/** `plural` or `plural.group`, as kubectl writes it: `pods`, `jobs.batch`, `deployments.apps`. */
export type ResourceName = string;

export interface StoreEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resource: ResourceName;
  object: KubeObject;
  /** The state before, where there was one: selector watches need it to tell "left the set". */
  previous?: KubeObject;
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export interface DeleteOptions {
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  /** Seconds; pods only. 0 removes at once: how the kubelet half confirms that a pod has ended. */
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string; resourceVersion?: string };
}

/** What `create` takes: the server fills in the rest of the metadata. */
export type NewObject = JsonObject & { apiVersion?: string; kind?: string; metadata: object };

/**
 * What controllers and the pod runtime need of the cluster's state. All of it is synchronous and in one
 * process: a read-modify-write inside `update` cannot conflict. Objects handed out must not be mutated;
 * objects handed in are taken over. Every method that can fail throws an `ApiError` that holds the
 * Kubernetes Status.
 */
export interface ObjectStore {
  get(resource: ResourceName, namespace: string | undefined, name: string): KubeObject | undefined;
  /** Sorted by namespace and name. */
  list(resource: ResourceName, options?: ListOptions): KubeObject[];
  /** Defaults, validation and admission apply, as for a client's POST. */
  create(resource: ResourceName, object: NewObject): KubeObject;
  /**
   * `mutate` gets a deep copy to change in place; an unchanged copy writes nothing and bumps no version.
   * Trusted: neither validation nor admission look at the result, and status may change with the rest.
   * When the last finalizer of a deleted object goes, the object goes, and its last state is returned.
   */
  update(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    mutate: (draft: KubeObject) => void,
  ): KubeObject;
  /** Finalizers, grace periods and propagation apply, as for a client's DELETE. */
  delete(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    options?: DeleteOptions,
  ): KubeObject;
  /**
   * Called after each write, in order, on the same tick; returns the unsubscribe function. A write made by a
   * listener is told to everybody after the write it reacts to.
   */
  subscribe(listener: (event: StoreEvent) => void): () => void;
}
