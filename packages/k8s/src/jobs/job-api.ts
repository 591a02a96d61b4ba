import { setTimeout as sleep } from 'node:timers/promises';
import { isAlreadyExists, isNotFound } from '../cluster/errors.js';
import type { CallOptions, DeleteOptions, KubeApi } from '../cluster/kube-api.js';
import { JOBS, PODS, resourcePath } from '../cluster/resource-path.js';
import { assertDnsLabel } from '../objects/names.js';
import type { Job, KubeObject, Pod } from '../objects/types.js';

/** The label by which a Job's pods are found; set by the Job controller since Kubernetes 1.27. */
const JOB_UID_LABEL = 'batch.kubernetes.io/controller-uid';

/** There is a Job of this name already, and it is not the one that was to be created. */
export class JobNameTakenError extends Error {
  override readonly name = 'JobNameTakenError';
  readonly job: Job;

  constructor(job: Job, why: string) {
    super(`Job ${job.metadata.namespace ?? ''}/${job.metadata.name ?? ''} exists already and ${why}`);
    this.job = job;
  }
}

/**
 * A Job name from parts joined by `-`. A Job's name becomes a label of its pods, so it is held to 63
 * characters although the API would take more.
 * @throws {InvalidNameError}
 */
export function toJobName(...parts: readonly (string | number)[]): string {
  return assertDnsLabel('Job name', parts.join('-'));
}

export interface CreatedJob {
  /** False when it was there already. */
  created: boolean;
  /** As the server has it; parsed when first asked for, as `Written` says. */
  readonly job: Job;
}

/**
 * Creates a Job, once: if it is there already and is the same one, that is success too, so the call can be
 * repeated after a crash or by another replica. Same means that it carries every label and owner given.
 * @throws {JobNameTakenError} when another Job has the name, or this one is being deleted
 */
export async function createJob(
  api: KubeApi,
  namespace: string,
  job: Job,
  options: CallOptions = {},
): Promise<CreatedJob> {
  const name = assertDnsLabel('Job name', job.metadata.name ?? '');
  const body: Job = { apiVersion: 'batch/v1', kind: 'Job', ...job };
  for (let attempt = 1; ; attempt++) {
    try {
      const written = await api.create<Job>(resourcePath(JOBS, { namespace }), body, options);
      return {
        created: true,
        get job() {
          return written.object;
        },
      };
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    try {
      const existing = await api.get<Job>(resourcePath(JOBS, { namespace, name }), options);
      assertSame(existing, job);
      return { created: false, job: existing };
    } catch (error) {
      // Deleted between the two requests: the name is free again.
      if (!isNotFound(error) || attempt === 3) throw error;
      await sleep(50 * attempt);
    }
  }
}

function assertSame(existing: Job, wanted: Job): void {
  if (existing.metadata.deletionTimestamp !== undefined) {
    throw new JobNameTakenError(existing, 'is being deleted');
  }
  for (const [label, value] of Object.entries(wanted.metadata.labels ?? {})) {
    if (existing.metadata.labels?.[label] !== value) {
      throw new JobNameTakenError(existing, `does not carry the label ${label}=${value}`);
    }
  }
  for (const owner of wanted.metadata.ownerReferences ?? []) {
    if (existing.metadata.ownerReferences?.some(({ uid }) => uid === owner.uid) !== true) {
      throw new JobNameTakenError(existing, `is not owned by ${owner.kind} ${owner.name}`);
    }
  }
}

/**
 * Deletes a Job and, in the background, its pods.
 * @returns false when there is none, or with `uid` none that is this very one
 */
export async function deleteJob(
  api: KubeApi,
  namespace: string,
  name: string,
  options: DeleteOptions = {},
): Promise<boolean> {
  try {
    await api.delete(resourcePath(JOBS, { namespace, name }), options);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    if (options.uid === undefined) throw error;
    const current = await readJob(api, namespace, name, options);
    if (current?.metadata.uid === options.uid) throw error;
    return false;
  }
}

/** The Job, or undefined when there is none. */
export async function readJob(
  api: KubeApi,
  namespace: string,
  name: string,
  options: CallOptions = {},
): Promise<Job | undefined> {
  try {
    const { signal, timeoutMs } = options;
    return await api.get<Job>(resourcePath(JOBS, { namespace, name }), { signal, timeoutMs });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The pod, or undefined when there is none. */
export async function readPod(
  api: KubeApi,
  namespace: string,
  name: string,
  options: CallOptions = {},
): Promise<Pod | undefined> {
  try {
    return await api.get<Pod>(resourcePath(PODS, { namespace, name }), options);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The pods a Job owns, oldest first. */
export async function findPods(api: KubeApi, job: Job, options: CallOptions = {}): Promise<Pod[]> {
  const { namespace, uid } = job.metadata;
  if (uid === undefined) return [];
  const { items } = await api.listAll<Pod>(resourcePath(PODS, { namespace }), {
    ...options,
    labelSelector: `${JOB_UID_LABEL}=${uid}`,
  });
  return ownedPods(items, uid);
}

/**
 * Those of `pods` whose controller is the object with this uid, oldest first. Labels can be forged by
 * whoever may create pods; owner references by name can mean a predecessor. The uid is neither.
 */
export function ownedPods(pods: Iterable<Pod>, uid: string): Pod[] {
  const created = (pod: Pod) => Date.parse(pod.metadata.creationTimestamp ?? '');
  return [...pods].filter((pod) => isControlledBy(pod, uid)).sort((a, b) => created(a) - created(b));
}

/** Whether the object's controlling owner is the one with this uid. */
export function isControlledBy(object: KubeObject, uid: string): boolean {
  return (
    object.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid) ?? false
  );
}

/** Objects by the uid of their controlling owner: one pass instead of one per Job. */
export function groupByController<T extends KubeObject>(objects: Iterable<T>): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const object of objects) {
    const uid = object.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid;
    if (uid === undefined) continue;
    const group = groups.get(uid);
    if (group === undefined) groups.set(uid, [object]);
    else group.push(object);
  }
  return groups;
}

export interface PodContainer {
  name: string;
  type: 'init' | 'main' | 'ephemeral';
}

/** Every container of a pod in the order they start. */
export function listContainers(pod: Pod): PodContainer[] {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  return [
    ...initContainers.map(({ name }) => ({ name, type: 'init' as const })),
    ...containers.map(({ name }) => ({ name, type: 'main' as const })),
    ...ephemeralContainers.map(({ name }) => ({ name, type: 'ephemeral' as const })),
  ];
}
