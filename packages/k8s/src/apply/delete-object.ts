import { setTimeout as sleep } from 'node:timers/promises';
import { isNotFound, KubeApiError } from '../cluster/errors.js';
import type { CallOptions, DeleteOptions, KubeApi } from '../cluster/kube-api.js';
import { resourcePath, type ResourceType } from '../cluster/resource-path.js';
import type { UnknownObject } from '../objects/types.js';

/** An object by the identity it had when it was deployed. */
export interface ObjectReference extends ResourceType {
  namespace: string;
  name: string;
  uid: string;
}

export interface DeleteObjectOptions extends CallOptions {
  propagationPolicy?: DeleteOptions['propagationPolicy'];
  /** Wait up to this many milliseconds until it, and with `Foreground` its dependants, are gone. */
  waitMs?: number | undefined;
}

/**
 * `deleted`: asked for now, and gone or going; `absent`: was not there any more; `replaced`: another object
 * has the name and was left alone; `remaining`: still there when the wait was over.
 */
export type Deletion = 'deleted' | 'absent' | 'replaced' | 'remaining';

const POLL_MS = 200;

/**
 * Deletes exactly the object that was deployed, never one made since under the same name. Safe to repeat.
 * @throws {KubeApiError} when the server refuses
 */
export async function deleteObject(
  api: KubeApi,
  object: ObjectReference,
  options: DeleteObjectOptions = {},
): Promise<Deletion> {
  const { signal, timeoutMs, propagationPolicy, waitMs = 0 } = options;
  const path = resourcePath(object, object);
  try {
    await api.delete(path, { uid: object.uid, propagationPolicy, signal, timeoutMs });
  } catch (error) {
    if (isNotFound(error)) return 'absent';
    if (!(error instanceof KubeApiError) || error.status !== 409) throw error;
    const current = await readObject(api, object, options);
    if (current?.metadata.uid === object.uid) throw error;
    return current === undefined ? 'absent' : 'replaced';
  }
  return waitMs === 0 || (await waitUntilGone(api, object, waitMs, options)) ? 'deleted' : 'remaining';
}

/** The object as it is now, or undefined when it is gone. */
export async function readObject(
  api: KubeApi,
  object: Omit<ObjectReference, 'uid'>,
  { signal, timeoutMs }: CallOptions = {},
): Promise<UnknownObject | undefined> {
  try {
    return await api.get<UnknownObject>(resourcePath(object, object), { signal, timeoutMs });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function waitUntilGone(api: KubeApi, object: ObjectReference, waitMs: number, options: CallOptions) {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const current = await readObject(api, object, options);
    if (current?.metadata.uid !== object.uid) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await sleep(
      Math.min(POLL_MS, left),
      undefined,
      options.signal === undefined ? {} : { signal: options.signal },
    );
  }
}
