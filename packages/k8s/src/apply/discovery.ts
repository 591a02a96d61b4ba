import { isNotFound } from '../cluster/errors.js';
import type { CallOptions, KubeApi } from '../cluster/kube-api.js';
import type { ResourceType } from '../cluster/resource-path.js';

/** A kind as the cluster serves it. */
export interface ApiResource extends ResourceType {
  kind: string;
  namespaced: boolean;
  verbs: readonly string[];
}

interface AggregatedDiscovery {
  kind?: string;
  items?: {
    metadata?: { name?: string };
    versions?: {
      version: string;
      resources?: {
        resource: string;
        responseKind?: { kind?: string };
        scope?: string;
        verbs?: string[];
      }[];
    }[];
  }[];
}

interface ResourceList {
  resources?: { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
}

/** Everything in two answers (Kubernetes 1.27 and later); plain ones from servers that know no better. */
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

const REFRESH_MS = 10 * 60_000;
/** A kind that is not there is looked for again, but not for every document of a request. */
const MISS_REFRESH_MS = 5_000;

/** Which kinds the cluster knows and where they are; read from the cluster, kept, read again on a miss. */
export class Discovery {
  #resources = new Map<string, ApiResource>();
  #groupVersions = new Set<string>();
  #isAggregated = true;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  private readonly api: KubeApi;
  private readonly now: () => number;

  constructor(api: KubeApi, now: () => number = () => performance.now()) {
    this.api = api;
    this.now = now;
  }

  /** The resource of a kind, or undefined when the cluster has none. */
  async find(apiVersion: string, kind: string, options: CallOptions = {}): Promise<ApiResource | undefined> {
    const key = `${apiVersion} ${kind}`;
    const age = this.now() - this.#readAt;
    if (age > REFRESH_MS || (age > MISS_REFRESH_MS && !this.#resources.has(key)))
      await this.#refresh(options);
    if (!this.#isAggregated && !this.#groupVersions.has(apiVersion))
      await this.#readGroupVersion(apiVersion, options);
    return this.#resources.get(key);
  }

  /** One reading serves all who ask at the same time. */
  async #refresh(options: CallOptions): Promise<void> {
    this.#reading ??= this.#read(options).finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  async #read({ timeoutMs }: CallOptions): Promise<void> {
    const call = { timeoutMs, accept: AGGREGATED };
    const answers = await Promise.all(
      ['/api', '/apis'].map((path) => this.api.get<AggregatedDiscovery>(path, call)),
    );
    this.#isAggregated = answers.every(({ kind }) => kind === 'APIGroupDiscoveryList');
    this.#resources = new Map();
    this.#groupVersions = new Set();
    for (const answer of this.#isAggregated ? answers : []) this.#addAggregated(answer);
    this.#readAt = this.now();
  }

  #addAggregated({ items = [] }: AggregatedDiscovery): void {
    for (const { metadata, versions = [] } of items) {
      const group = metadata?.name ?? '';
      for (const { version, resources = [] } of versions) {
        for (const { resource, responseKind, scope, verbs = [] } of resources) {
          const kind = responseKind?.kind ?? '';
          this.#add({ group, version, resource, kind, namespaced: scope === 'Namespaced', verbs });
        }
      }
    }
  }

  async #readGroupVersion(apiVersion: string, { signal, timeoutMs }: CallOptions): Promise<void> {
    const [first = '', second] = apiVersion.split('/');
    const [group, version] = second === undefined ? ['', first] : [first, second];
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    try {
      const { resources = [] } = await this.api.get<ResourceList>(path, { signal, timeoutMs });
      for (const { name, kind, namespaced, verbs } of resources) {
        if (!name.includes('/')) this.#add({ group, version, resource: name, kind, namespaced, verbs });
      }
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    this.#groupVersions.add(apiVersion);
  }

  #add(resource: ApiResource): void {
    const { group, version, kind } = resource;
    this.#resources.set(`${group === '' ? version : `${group}/${version}`} ${kind}`, resource);
  }
}
