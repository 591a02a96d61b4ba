import { addAbortListener, once, EventEmitter } from 'node:events';
import {
  JOBS,
  type Job,
  type KubeApi,
  PODS,
  type Pod,
  findPods,
  ownedPods,
  resourcePath,
  watchResource,
} from '@cloudemy/k8s';

/** The label by which a Job's pods are found; set by the Job controller. */
const jobUidLabel = 'batch.kubernetes.io/controller-uid';

/** A Job and its pods as they change. */
export class JobWatch {
  readonly #changes = new EventEmitter<{ change: [] }>();
  readonly #jobs;
  readonly #pods;
  /** Pods that a list showed and no watch has told of yet. */
  #listed = new Map<string, Pod>();
  #version = 0;

  private readonly api: KubeApi;
  private readonly first: Job;
  private readonly uid: string;

  constructor(api: KubeApi, first: Job, uid: string, onError: (error: unknown) => void) {
    this.api = api;
    this.first = first;
    this.uid = uid;

    const { namespace, name = '' } = first.metadata;
    const changed = (): void => {
      this.#version += 1;
      this.#changes.emit('change');
    };
    const handlers = { onAdd: changed, onUpdate: changed, onDelete: changed, onSynced: changed, onError };
    this.#changes.setMaxListeners(0);
    this.#jobs = watchResource<Job>(api, {
      path: resourcePath(JOBS, { namespace }),
      fieldSelector: `metadata.name=${name}`,
      ...handlers,
    });
    this.#pods = watchResource<Pod>(api, {
      path: resourcePath(PODS, { namespace }),
      labelSelector: `${jobUidLabel}=${uid}`,
      ...handlers,
    });
  }

  /** Resolves when the Job and its pods were read for the first time. */
  async synced(signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<never>();
    using _listener = addAbortListener(signal, () => aborted.reject(signal.reason));
    await Promise.race([Promise.all([this.#jobs.synced, this.#pods.synced]), aborted.promise]);
  }

  /** The Job; undefined once it is gone. */
  get job(): Job | undefined {
    const [job] = [...this.#jobs.objects.values()].filter(({ metadata }) => metadata.uid === this.uid);
    return job;
  }

  /** Oldest first. */
  get pods(): Pod[] {
    const known = new Map(this.#listed);
    for (const pod of this.#pods.objects.values()) known.set(pod.metadata.uid ?? '', pod);
    return ownedPods(known.values(), this.uid);
  }

  /** The pod of that uid, undefined once it is gone. */
  pod(uid: string): Pod | undefined {
    for (const pod of this.#pods.objects.values()) if (pod.metadata.uid === uid) return pod;
    return this.#listed.get(uid);
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** Resolves when something has changed since then, or after so many milliseconds. */
  async changed(since: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#version !== since) return;
    const settled = new AbortController();
    const timer = setTimeout(() => settled.abort(), timeoutMs);
    using _listener = addAbortListener(signal, () => settled.abort());
    await once(this.#changes, 'change', { signal: settled.signal }).catch(() => undefined);
    clearTimeout(timer);
    signal.throwIfAborted();
  }

  /** Asks once more which pods there are: the end of a Job can be told before its last pod. */
  async listPods(signal: AbortSignal): Promise<void> {
    const pods = await findPods(this.api, this.first, { signal });
    this.#listed = new Map(pods.map((pod) => [pod.metadata.uid ?? '', pod]));
  }

  async stop(): Promise<void> {
    await Promise.all([this.#jobs.stop(), this.#pods.stop()]);
  }
}
