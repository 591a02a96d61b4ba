import { asObject, at, objectsIn, scalarText } from '../json.js';
import type { JsonObject } from '../json.js';
import type { KubeObject } from '../objects.js';
import { parseQuantity } from '../schema/quantity.js';
import { forbidden } from '../store/api-error.js';
import type { Registry } from '../store/registry.js';
import { ensureObject } from './defaults/set.js';

function amount(value: unknown): number | undefined {
  return value === undefined ? undefined : parseQuantity(scalarText(value));
}

/** Where a pod says what it was given without asking. */
const NOTE = 'kubernetes.io/limit-ranger';

/** Fills in what a container does not say; tells what, in the words of the note. */
function applyDefaults(container: JsonObject, kind: string, limit: JsonObject): string[] {
  const resources = ensureObject(container, 'resources');
  return (
    [
      ['requests', 'defaultRequest', 'request'],
      ['limits', 'default', 'limit'],
    ] as const
  ).flatMap(([field, source, word]) => {
    const missing = Object.entries(asObject(limit[source])).filter(
      ([name]) => at(resources, field, name) === undefined,
    );
    if (missing.length === 0) {
      return [];
    }
    Object.assign(ensureObject(resources, field), Object.fromEntries(missing));
    const names = missing.map(([name]) => name).toSorted();
    return [`${names.join(', ')} ${word} for ${kind} ${scalarText(container['name'])}`];
  });
}

/** What a container breaks of one limit. */
function breaches(container: JsonObject, limit: JsonObject): string[] {
  const faults: string[] = [];
  const side = (field: string, name: string) => at(container, 'resources', field, name);
  for (const [name, least] of Object.entries(asObject(limit['min']))) {
    const request = side('requests', name);
    if (request === undefined) {
      faults.push(`minimum ${name} usage per Container is ${scalarText(least)}.  No request is specified`);
    } else if ((amount(request) ?? 0) < (amount(least) ?? 0)) {
      faults.push(
        `minimum ${name} usage per Container is ${scalarText(least)}, but request is ${scalarText(request)}`,
      );
    }
  }
  for (const [name, most] of Object.entries(asObject(limit['max']))) {
    const given = side('limits', name);
    if (given === undefined) {
      faults.push(`maximum ${name} usage per Container is ${scalarText(most)}.  No limit is specified`);
    } else if ((amount(given) ?? 0) > (amount(most) ?? 0)) {
      faults.push(
        `maximum ${name} usage per Container is ${scalarText(most)}, but limit is ${scalarText(given)}`,
      );
    }
  }
  return faults;
}

function containerLimits(registry: Registry, namespace: string): JsonObject[] {
  return registry
    .list('limitranges', { namespace })
    .flatMap((range) => objectsIn(at(range, 'spec', 'limits')))
    .filter((limit) => limit['type'] === 'Container');
}

function containersOf(pod: KubeObject): JsonObject[] {
  const spec = asObject(pod['spec']);
  return [...objectsIn(spec['containers']), ...objectsIn(spec['initContainers'])];
}

/** Fills in the requests and limits that a namespace's LimitRanges give by default. */
export function defaultLimits(registry: Registry, pod: KubeObject): void {
  const spec = asObject(pod['spec']);
  const set = containerLimits(registry, pod.metadata.namespace ?? '').flatMap((limit) => [
    ...objectsIn(spec['containers']).flatMap((container) => applyDefaults(container, 'container', limit)),
    ...objectsIn(spec['initContainers']).flatMap((one) => applyDefaults(one, 'init container', limit)),
  ]);
  if (set.length > 0) {
    pod.metadata.annotations = {
      ...pod.metadata.annotations,
      [NOTE]: `LimitRanger plugin set: ${set.join('; ')}`,
    };
  }
}

/** @throws ApiError 403 for a container outside of its namespace's LimitRanges. */
export function enforceLimits(registry: Registry, pod: KubeObject): void {
  const faults = containerLimits(registry, pod.metadata.namespace ?? '').flatMap((limit) =>
    containersOf(pod).flatMap((container) => breaches(container, limit)),
  );
  if (faults.length > 0) {
    const text = faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`;
    throw forbidden('pods', pod.metadata.name, text ?? '');
  }
}
