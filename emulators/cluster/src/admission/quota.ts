import { asObject, asString, at, equalJson, objectsIn, scalarText } from '../json.js';
import type { JsonObject } from '../json.js';
import type { KubeObject } from '../objects.js';
import { formatQuantity, parseQuantity } from '../schema/quantity.js';
import { forbidden } from '../store/api-error.js';
import type { Registry } from '../store/registry.js';

/** Quota names that count objects without saying so by `count/`. */
const counted: Readonly<Record<string, string>> = {
  configmaps: 'configmaps',
  persistentvolumeclaims: 'persistentvolumeclaims',
  pods: 'pods',
  resourcequotas: 'resourcequotas',
  secrets: 'secrets',
  services: 'services',
};
const computed = /^(?:(requests|limits)\.)?(cpu|memory|ephemeral-storage)$/;

function isFinished(pod: KubeObject): boolean {
  const phase = at(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Resource that a quota's entry counts, or undefined for an amount of cpu or memory. */
function countedResource(key: string): string | undefined {
  return key.startsWith('count/') ? key.slice('count/'.length) : counted[key];
}

/** Sum over a pod's containers; undefined for containers without it. */
function podAmount(pod: KubeObject, key: string): { sum: number; missing: string[] } {
  const match = computed.exec(key);
  const field = match?.[1] ?? 'requests';
  const name = match?.[2] ?? '';
  let sum = 0;
  const missing: string[] = [];
  for (const container of objectsIn(at(pod, 'spec', 'containers'))) {
    const value = at(container, 'resources', field, name);
    if (value === undefined) {
      missing.push(asString(container['name']) ?? '');
    } else {
      sum += parseQuantity(scalarText(value)) ?? 0;
    }
  }
  return { sum, missing };
}

function usage(registry: Registry, namespace: string, key: string): number | undefined {
  const resource = countedResource(key);
  if (resource === 'pods') {
    const pods = registry.table.list('pods', namespace);
    return key === 'pods' ? pods.filter((pod) => !isFinished(pod)).length : pods.length;
  }
  if (resource !== undefined) {
    return registry.table.count(resource, namespace);
  }
  if (!computed.test(key)) {
    return undefined;
  }
  return registry.table
    .list('pods', namespace)
    .filter((pod) => !isFinished(pod))
    .reduce((total, pod) => total + podAmount(pod, key).sum, 0);
}

function request(resource: string, object: KubeObject, key: string): number {
  if (countedResource(key) === resource) {
    return 1;
  }
  return resource === 'pods' && computed.test(key) ? podAmount(object, key).sum : 0;
}

function hardOf(quota: KubeObject): JsonObject {
  return asObject(at(quota, 'spec', 'hard'));
}

function checkQuota(registry: Registry, resource: string, object: KubeObject, quota: KubeObject): void {
  const { namespace = '', name } = object.metadata;
  const hard = hardOf(quota);
  const keys = Object.keys(hard).toSorted();
  if (resource === 'pods') {
    const missing = keys
      .filter((key) => computed.test(key))
      .map((key) => ({ key, containers: podAmount(object, key).missing }))
      .filter(({ containers }) => containers.length > 0)
      .map(({ key, containers }) => `${key} for: ${containers.join(',')}`);
    if (missing.length > 0) {
      throw forbidden(
        resource,
        name,
        `failed quota: ${quota.metadata.name}: must specify ${missing.join('; ')}`,
      );
    }
  }
  const over = keys.flatMap((key) => {
    const wanted = request(resource, object, key);
    const used = wanted > 0 ? (usage(registry, namespace, key) ?? 0) : 0;
    const limit = scalarText(hard[key]);
    return wanted > 0 && used + wanted > (parseQuantity(limit) ?? 0) ? [{ key, wanted, used, limit }] : [];
  });
  if (over.length > 0) {
    const list = (text: (item: (typeof over)[number]) => string) =>
      over.map((item) => `${item.key}=${text(item)}`).join(',');
    throw forbidden(
      resource,
      name,
      `exceeded quota: ${quota.metadata.name}, requested: ${list(({ wanted, limit }) => formatQuantity(wanted, limit))}, used: ${list(({ used, limit }) => formatQuantity(used, limit))}, limited: ${list(({ limit }) => limit)}`,
    );
  }
}

/** @throws ApiError 403 when a new object does not fit into its namespace's quotas. */
export function enforceQuotas(registry: Registry, resource: string, object: KubeObject): void {
  const { namespace } = object.metadata;
  if (namespace === undefined) {
    return;
  }
  for (const quota of registry.table.list('resourcequotas', namespace)) {
    checkQuota(registry, resource, object, quota);
  }
}

/** Keeps `status` of ResourceQuotas up to date, once per turn. */
export class QuotaStatus {
  readonly #unsubscribe: () => void;
  readonly #stale = new Set<string>();
  #scheduled: NodeJS.Immediate | undefined;

  private readonly registry: Registry;

  constructor(registry: Registry) {
    this.registry = registry;

    this.#unsubscribe = registry.subscribe(({ object }) => {
      const { namespace } = object.metadata;
      if (namespace !== undefined && registry.table.count('resourcequotas', namespace) > 0) {
        this.#stale.add(namespace);
        this.#scheduled ??= setImmediate(() => {
          this.#scheduled = undefined;
          this.#refresh();
        });
      }
    });
  }

  close(): void {
    this.#unsubscribe();
    clearImmediate(this.#scheduled);
  }

  #refresh(): void {
    for (const namespace of this.#stale) {
      for (const quota of this.registry.list('resourcequotas', { namespace })) {
        const hard = hardOf(quota);
        const used: JsonObject = {};
        for (const [key, limit] of Object.entries(hard)) {
          used[key] = formatQuantity(usage(this.registry, namespace, key) ?? 0, scalarText(limit));
        }
        const status = { hard, used };
        if (!equalJson(quota['status'], status)) {
          this.registry.update('resourcequotas', namespace, quota.metadata.name, (draft) => {
            draft['status'] = status;
          });
        }
      }
    }
    this.#stale.clear();
  }
}
