import { asObject, asString, at } from '../json.js';
import type { JsonObject } from '../json.js';
import type { KubeObject, ObjectMeta } from '../objects.js';
import type { KindInfo } from '../schema/kinds.js';
import { resourceName } from '../schema/kinds.js';
import type { WriteContext } from '../store/admission.js';
import { ApiError, badRequest } from '../store/api-error.js';
import type { Registry } from '../store/registry.js';
import { readObject } from './codec.js';
import type { WriteOptions } from './write-options.js';

/** What is written, where. */
export interface Place {
  info: KindInfo;
  namespace: string | undefined;
  name: string;
  subresource?: string | undefined;
}

/** Notes which manager wrote which fields; see the apply folder. */
export interface FieldTracker {
  update(
    info: KindInfo,
    draft: KubeObject,
    old: KubeObject | undefined,
    manager: string,
    subresource?: string,
  ): void;
}

/** An object from a client as one of the store, identity still unchecked. */
export function toKubeObject(value: JsonObject, fallbackName: string): KubeObject {
  const given: Partial<ObjectMeta> = asObject(value['metadata']);
  return {
    ...value,
    kind: asString(value['kind']) ?? '',
    apiVersion: asString(value['apiVersion']) ?? '',
    metadata: {
      ...given,
      name: given.name ?? fallbackName,
      uid: given.uid ?? '',
      resourceVersion: given.resourceVersion ?? '',
      creationTimestamp: '',
    },
  };
}

/** @throws ApiError 400 when the body speaks of another object than the URL. */
export function checkIdentity(value: JsonObject, namespace: string | undefined, name?: string): void {
  const bodyName = asString(at(value, 'metadata', 'name'));
  const bodyNamespace = asString(at(value, 'metadata', 'namespace'));
  if (name !== undefined && bodyName !== undefined && bodyName !== name) {
    throw badRequest(`the name of the object (${bodyName}) does not match the name on the URL (${name})`);
  }
  if (bodyNamespace && namespace !== undefined && bodyNamespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** Writes of clients: what the store's own `create` and `update` do not check. */
export class Writer {
  private readonly registry: Registry;
  private readonly tracker: FieldTracker;

  constructor(registry: Registry, tracker: FieldTracker) {
    this.registry = registry;
    this.tracker = tracker;
  }

  /** POST. */
  create(
    info: KindInfo,
    namespace: string | undefined,
    body: Buffer,
    contentType: string | undefined,
    options: WriteOptions,
    context: WriteContext,
  ): KubeObject {
    const value = readObject(info, body, contentType, options.validation, (message) => {
      context.warn(message);
    });
    checkIdentity(value, namespace);
    return this.createFrom(info, namespace, value, context, (draft) => {
      this.tracker.update(info, draft, undefined, options.manager);
    });
  }

  /** Creates from a decoded value; `track` notes the managers once the identity is known. */
  createFrom(
    info: KindInfo,
    namespace: string | undefined,
    value: JsonObject,
    context: WriteContext,
    track: (draft: KubeObject) => void,
  ): KubeObject {
    const draft = toKubeObject(value, '');
    if (info.status) {
      delete draft['status'];
    }
    const { managedFields: _, ...metadata } = draft.metadata;
    draft.metadata = info.namespaced && namespace !== undefined ? { ...metadata, namespace } : metadata;
    track(draft);
    return this.registry.create(resourceName(info), draft, context);
  }

  /** PUT. */
  replace(
    place: Place,
    body: Buffer,
    contentType: string | undefined,
    options: WriteOptions,
    context: WriteContext,
  ): KubeObject {
    const { info, namespace, name } = place;
    const value = readObject(info, body, contentType, options.validation, (message) => {
      context.warn(message);
    });
    checkIdentity(value, namespace, name);
    const resource = resourceName(info);
    const old = this.registry.existing(resource, namespace, name);
    const draft = toKubeObject(value, name);
    if (info.updateNeedsVersion && draft.metadata.resourceVersion === '') {
      throw versionRequired(resource, name, info);
    }
    return this.store(place, old, draft, context, options.manager);
  }

  /** The common end of PUT and PATCH: subresources, managers, the store. */
  store(
    { info, subresource }: Place,
    old: KubeObject,
    draft: KubeObject,
    context: WriteContext,
    manager: string | undefined,
  ): KubeObject {
    const merged = subresource === 'status' ? statusOf(old, draft) : withoutStatus(info, old, draft);
    if (manager !== undefined) {
      merged.metadata = withManagers(merged.metadata, old);
      this.tracker.update(info, merged, old, manager, subresource);
    }
    const rules = subresource === 'status' ? 'status' : 'object';
    return this.registry.replace(resourceName(info), old, merged, context, rules);
  }
}

/** A client that sends no managedFields keeps them; an empty list clears them. */
function withManagers(metadata: ObjectMeta, old: KubeObject): ObjectMeta {
  const { managedFields = old.metadata.managedFields, ...rest } = metadata;
  return managedFields === undefined ? rest : { ...rest, managedFields };
}

/** Through the status subresource only the status and the metadata change. */
function statusOf(old: KubeObject, draft: KubeObject): KubeObject {
  const { status: _, ...rest } = old;
  return {
    ...rest,
    kind: old.kind,
    apiVersion: old.apiVersion,
    metadata: { ...old.metadata, ...draft.metadata },
    ...(draft['status'] === undefined ? {} : { status: draft['status'] }),
  };
}

/** Through the object itself everything but the status changes. */
function withoutStatus(info: KindInfo, old: KubeObject, draft: KubeObject): KubeObject {
  if (!info.status) {
    return draft;
  }
  const { status: _, ...rest } = draft;
  return {
    ...rest,
    kind: draft.kind,
    apiVersion: draft.apiVersion,
    metadata: draft.metadata,
    ...(old['status'] === undefined ? {} : { status: old['status'] }),
  };
}

function versionRequired(resource: string, name: string, info: KindInfo): ApiError {
  const message = 'Invalid value: 0: must be specified for an update';
  const field = 'metadata.resourceVersion';
  return new ApiError(422, 'Invalid', `${resource} "${name}" is invalid: ${field}: ${message}`, {
    name,
    group: info.group,
    kind: info.plural,
    causes: [{ reason: 'FieldValueInvalid', message, field }],
  });
}
