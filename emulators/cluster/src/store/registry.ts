import { cloneJson, equalJson } from '../json.js';
import type { KubeObject, ObjectMeta } from '../objects.js';
import type { KindInfo } from '../schema/kinds.js';
import { apiVersion, kindOf } from '../schema/kinds.js';
import type { Admission, WriteContext } from './admission.js';
import { admitAll, quietly } from './admission.js';
import { alreadyExists, ApiError, notFound } from './api-error.js';
import { checkPreconditions, planDeletion } from './deletion.js';
import { keepFieldTimes } from './field-times.js';
import { parseFieldSelector } from './field-selector.js';
import { parseLabelSelector } from './label-selector.js';
import { generateName, newUid, ordered, orderedMetadata, timestamp } from './metadata.js';
import type {
  DeleteOptions,
  ListOptions,
  NewObject,
  ObjectStore,
  ResourceName,
  StoreEvent,
} from './object-store.js';
import { assertTakesContent, terminating } from './namespace-rules.js';
import { ObjectTable } from './object-table.js';
import { assertSameObject, replacedMetadata } from './replaced.js';

/** What happened to a DELETE. */
export interface Deletion {
  /** The last state. */
  object: KubeObject;
  /** False while finalizers or a grace period hold it. */
  gone: boolean;
}

/** What somebody wants of an object: its spec; all but metadata and status where there is none. */
function intent({ metadata: _, status: __, ...rest }: KubeObject): unknown {
  return 'spec' in rest ? rest['spec'] : rest;
}

/** A fault of a listener is a fault of the program: without somebody to tell, it is not hidden. */
function rethrow(_what: string, error: unknown): never {
  throw error;
}

/** The cluster's state with its rules: versions, uids, generations, finalizers, graceful deletion, admission. */
export class Registry implements ObjectStore {
  readonly table: ObjectTable;
  readonly #admission: Admission;

  /**
   * `admission` is given the registry because its rules look things up in it; `report` hears of listeners
   * that failed.
   */
  constructor(
    admission: (registry: Registry) => Admission = () => admitAll,
    report: (what: string, error: unknown) => void = rethrow,
  ) {
    this.table = new ObjectTable(report);
    this.#admission = admission(this);
  }

  get(resource: ResourceName, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.table.get(resource, namespace, name);
  }

  list(resource: ResourceName, options: ListOptions = {}): KubeObject[] {
    const info = this.info(resource);
    const labels = options.labelSelector ? parseLabelSelector(options.labelSelector) : undefined;
    const fields = options.fieldSelector ? parseFieldSelector(info, options.fieldSelector) : undefined;
    return this.table
      .list(resource, options.namespace)
      .filter(
        (object) =>
          (labels === undefined || labels(object.metadata.labels)) &&
          (fields === undefined || fields(object)),
      );
  }

  create(resource: ResourceName, object: NewObject, context: WriteContext = quietly): KubeObject {
    const info = this.info(resource);
    const given: Partial<ObjectMeta> = { ...object.metadata };
    if (given.resourceVersion) {
      throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
    }
    this.#checkNamespace(resource, info, given);
    const { deletionTimestamp: _, deletionGracePeriodSeconds: __, namespace, ...rest } = given;
    const metadata: ObjectMeta = {
      ...rest,
      name: given.name || (given.generateName ? generateName(given.generateName) : ''),
      ...(info.namespaced && namespace ? { namespace } : {}),
      uid: newUid(),
      resourceVersion: '',
      creationTimestamp: timestamp(),
      ...(info.generation ? { generation: 1 } : {}),
    };
    const draft: KubeObject = { ...object, kind: info.kind, apiVersion: apiVersion(info), metadata };
    this.#admission.create(info, draft, context);
    const taken = this.table.get(resource, metadata.namespace, draft.metadata.name);
    if (taken !== undefined) {
      const prefix = taken.metadata.deletionTimestamp ? 'object is being deleted: ' : '';
      throw alreadyExists(resource, metadata.name, prefix);
    }
    if (context.dryRun) {
      return this.#finished(draft, undefined);
    }
    const stored = this.#finished(draft, this.table.nextVersion());
    this.table.put(resource, stored, undefined);
    return stored;
  }

  update(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    mutate: (draft: KubeObject) => void,
  ): KubeObject {
    const info = this.info(resource);
    const old = this.existing(resource, namespace, name);
    const draft = cloneJson(old);
    mutate(draft);
    // The scheduler's binding is no change of the desired state.
    return this.#commit(
      resource,
      { ...info, generation: info.generation && info.plural !== 'pods' },
      draft,
      old,
    );
  }

  /**
   * A client's write of a whole object. `draft` is taken over; identity and lifecycle fields are the
   * server's, a resourceVersion in it must be the stored one. The rules of the kind are not asked about a
   * write of the status alone.
   * @throws ApiError 409 when the draft is of another version or uid, 422 when the rules refuse it.
   */
  replace(
    resource: ResourceName,
    old: KubeObject,
    draft: KubeObject,
    context: WriteContext,
    rules: 'object' | 'status' = 'object',
  ): KubeObject {
    const info = this.info(resource);
    assertSameObject(resource, info, old, draft.metadata);
    draft.metadata = replacedMetadata(old.metadata, draft.metadata);
    if (rules === 'object') {
      this.#admission.update(info, draft, old, context);
    }
    keepFieldTimes(draft, old);
    return this.#commit(resource, info, draft, old, context.dryRun);
  }

  delete(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions = {},
  ): KubeObject {
    return this.remove(resource, namespace, name, options).object;
  }

  /** `delete` that also tells whether the object is gone. */
  remove(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions,
    dryRun = false,
  ): Deletion {
    const info = this.info(resource);
    const old = this.existing(resource, namespace, name);
    checkPreconditions(info, old, options);
    if (resource === 'namespaces') {
      return { object: this.#terminate(old, dryRun), gone: false };
    }
    const plan = planDeletion(info, old, options);
    if (dryRun) {
      return { object: plan.marked ?? old, gone: plan.remove };
    }
    const current = plan.marked === undefined ? old : this.#store(resource, plan.marked, old);
    return plan.remove
      ? { object: this.#expel(resource, current, current), gone: true }
      : { object: current, gone: false };
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    return this.table.subscribe(listener);
  }

  /** Removes a namespace whose content is gone. */
  finishNamespace(name: string): void {
    const namespace = this.table.get('namespaces', undefined, name);
    if (namespace !== undefined) {
      this.#expel('namespaces', namespace, namespace);
    }
  }

  /** @throws ApiError 404 for a resource that is not served. */
  info(resource: ResourceName): KindInfo {
    const info = kindOf(resource);
    if (info === undefined) {
      throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
    }
    return info;
  }

  /** @throws ApiError 404 when it is not there. */
  existing(resource: ResourceName, namespace: string | undefined, name: string): KubeObject {
    const found = this.table.get(resource, namespace, name);
    if (found === undefined) {
      throw notFound(resource, name);
    }
    return found;
  }

  #checkNamespace(resource: string, info: KindInfo, metadata: Partial<ObjectMeta>): void {
    if (!info.namespaced) {
      return;
    }
    const name = metadata.namespace ?? '';
    const namespace = this.existing('namespaces', undefined, name);
    assertTakesContent(namespace, resource, metadata.name ?? '');
  }

  #commit(resource: string, info: KindInfo, draft: KubeObject, old: KubeObject, dryRun = false): KubeObject {
    if (info.generation && !equalJson(intent(draft), intent(old))) {
      draft.metadata.generation = (old.metadata.generation ?? 0) + 1;
    }
    draft.metadata.resourceVersion = old.metadata.resourceVersion;
    const finished = ordered(draft, orderedMetadata(draft.metadata));
    if (equalJson(finished, old)) {
      return old;
    }
    if (dryRun) {
      return finished;
    }
    const { metadata } = finished;
    const held = (metadata.finalizers?.length ?? 0) > 0 || (metadata.deletionGracePeriodSeconds ?? 0) > 0;
    if (metadata.deletionTimestamp !== undefined && !held && resource !== 'namespaces') {
      this.#expel(resource, old, old);
      return finished;
    }
    return this.#store(resource, finished, old);
  }

  #store(resource: string, object: KubeObject, old: KubeObject): KubeObject {
    const stored = this.#finished(object, this.table.nextVersion());
    this.table.put(resource, stored, old);
    return stored;
  }

  #expel(resource: string, last: KubeObject, previous: KubeObject): KubeObject {
    const removed = this.#finished(last, this.table.nextVersion());
    this.table.remove(resource, removed, previous);
    return removed;
  }

  #terminate(namespace: KubeObject, dryRun: boolean): KubeObject {
    const marked = terminating(namespace);
    return dryRun || marked === namespace ? marked : this.#store('namespaces', marked, namespace);
  }

  #finished(object: KubeObject, version: string | undefined): KubeObject {
    const metadata = orderedMetadata({ ...object.metadata, resourceVersion: version ?? '' });
    return ordered(object, metadata);
  }
}
