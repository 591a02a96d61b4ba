import {
  EVENTS,
  JOBS,
  type Job,
  type KubeApi,
  type KubeEvent,
  PODS,
  type Pod,
  type UnknownObject,
  isControlledBy,
  resourcePath,
} from '@cloudemy/k8s';

/** What lies around an object and says more of it than its own status. */
export interface Around {
  /** Its own pods, oldest first. */
  pods: readonly Pod[];
  /** Warnings of its namespace. */
  events: readonly KubeEvent[];
  /** Of a CronJob: the Jobs that it made. */
  runs: readonly { job: Job; pods: readonly Pod[] }[];
}

/** An object with its kind, which the items of a list do not carry. */
export interface Located {
  kind: string;
  namespace: string;
  object: UnknownObject;
}

/** Set by the Job controller. */
const jobUidLabel = 'batch.kubernetes.io/controller-uid';
/** Jobs asked about with one request, and in all: a URL has its limits, and so has a page. */
const uidsPerRequest = 50;
const mostJobs = 500;

const none: Around = { pods: [], events: [], runs: [] };

/**
 * Reads the pods and warnings of objects that are not simply well, and the Jobs of CronJobs: a few lists per namespace,
 * however many objects there are.
 *
 * @throws KubeApiError, KubeConnectionError, the signal's reason
 */
export async function readSurroundings(
  api: KubeApi,
  objects: readonly Located[],
  signal: AbortSignal,
): Promise<(located: Located) => Around> {
  const around = new Map<UnknownObject, Around>();
  const namespaces = new Set(objects.map(({ namespace }) => namespace));
  await Promise.all(
    [...namespaces].map(async (namespace) => {
      const here = objects.filter((one) => one.namespace === namespace);
      const reader = new NamespaceReader(api, namespace, signal);
      for (const [object, found] of await reader.read(here)) around.set(object, found);
    }),
  );
  return ({ object }) => around.get(object) ?? none;
}

/**
 * The pods of Jobs, also of such as are gone themselves.
 *
 * @throws KubeApiError, KubeConnectionError
 */
export async function podsOfJobs(
  api: KubeApi,
  namespace: string,
  uids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Pod[]> {
  const chunks = Array.from({ length: Math.ceil(uids.length / uidsPerRequest) }, (_, index) =>
    uids.slice(index * uidsPerRequest, (index + 1) * uidsPerRequest),
  );
  const lists = await Promise.all(
    chunks.map((chunk) =>
      api.listAll<Pod>(resourcePath(PODS, { namespace }), {
        labelSelector: `${jobUidLabel} in (${chunk.join(',')})`,
        signal,
      }),
    ),
  );
  return lists.flatMap(({ items }) => items);
}

class NamespaceReader {
  readonly #where: { namespace: string };
  private readonly api: KubeApi;
  private readonly signal: AbortSignal;

  constructor(api: KubeApi, namespace: string, signal: AbortSignal) {
    this.api = api;
    this.#where = { namespace };
    this.signal = signal;
  }

  async read(objects: readonly Located[]): Promise<Map<UnknownObject, Around>> {
    const cronJobs = objects.filter(({ kind }) => kind === 'CronJob');
    const jobs = cronJobs.length === 0 ? [] : await this.#list<Job>(resourcePath(JOBS, this.#where));
    const runs = jobs.filter((job) =>
      cronJobs.some(({ object }) => isControlledBy(job, object.metadata.uid ?? '')),
    );
    const own = objects.filter(({ kind, object }) => kind === 'Job' && !isComplete(object));
    const uids = [...own.map(({ object }) => object), ...runs.filter((job) => !isComplete(job))]
      .map(({ metadata }) => metadata.uid ?? '')
      .slice(0, mostJobs);
    const workloads = objects.filter(({ kind, object }) => isUnready(kind, object));
    const [ofJobs, ofWorkloads, events] = await Promise.all([
      podsOfJobs(this.api, this.#where.namespace, uids, this.signal),
      Promise.all(workloads.map(({ object }) => this.#podsBySelector(object))),
      uids.length === 0
        ? []
        : this.#list<KubeEvent>(resourcePath(EVENTS, this.#where), { fieldSelector: 'type=Warning' }),
    ]);
    const podsOf = ({ metadata }: { metadata: { uid?: string } }): Pod[] =>
      ofJobs.filter((pod) => isControlledBy(pod, metadata.uid ?? ''));
    const found = new Map<UnknownObject, Around>();
    for (const { object } of own) found.set(object, { ...none, pods: podsOf(object), events });
    for (const [index, { object }] of workloads.entries()) {
      found.set(object, { ...none, pods: ofWorkloads[index] ?? [] });
    }
    for (const { object } of cronJobs) {
      const made = runs.filter((job) => isControlledBy(job, object.metadata.uid ?? ''));
      found.set(object, { ...none, events, runs: made.map((job) => ({ job, pods: podsOf(job) })) });
    }
    return found;
  }

  /** Pods of a Deployment are those of its ReplicaSets, which are named after it. */
  async #podsBySelector({ metadata, spec }: UnknownObject): Promise<Pod[]> {
    const labels = matchLabels(spec);
    if (labels.length === 0) return [];
    const pods = await this.#list<Pod>(resourcePath(PODS, this.#where), { labelSelector: labels.join(',') });
    return pods.filter(
      (pod) =>
        isControlledBy(pod, metadata.uid ?? '') ||
        pod.metadata.ownerReferences?.some(
          ({ kind, name }) => kind === 'ReplicaSet' && name.startsWith(`${metadata.name ?? ''}-`),
        ),
    );
  }

  async #list<T extends Pod | Job | KubeEvent>(
    path: string,
    options: { labelSelector?: string; fieldSelector?: string } = {},
  ): Promise<T[]> {
    return (await this.api.listAll<T>(path, { ...options, signal: this.signal })).items;
  }
}

function isComplete(object: object): boolean {
  const { conditions } = asRecord(Reflect.get(object, 'status'));
  return (
    Array.isArray(conditions) &&
    conditions.some(({ type, status }) => type === 'Complete' && status === 'True')
  );
}

const workloadKinds = new Set(['Deployment', 'StatefulSet', 'ReplicaSet', 'DaemonSet']);

function isUnready(kind: string, { spec, status }: UnknownObject): boolean {
  if (!workloadKinds.has(kind)) return false;
  const { readyReplicas = 0, numberReady, desiredNumberScheduled } = asRecord(status);
  if (kind === 'DaemonSet') return numberReady !== desiredNumberScheduled;
  return readyReplicas !== (asRecord(spec)['replicas'] ?? 1);
}

const matchLabels = (spec: unknown): string[] =>
  Object.entries(asRecord(asRecord(asRecord(spec)['selector'])['matchLabels'])).map(
    ([key, value]) => `${key}=${String(value)}`,
  );

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
