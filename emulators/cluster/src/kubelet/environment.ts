import { at } from '../json.js';
import type { ObjectStore } from '../store/object-store.js';
import { fieldValue } from './downward.js';
import type { Node } from './node.js';
import type { Container, EnvVar, KeyRef, Pod } from './pod.js';

/** A container that cannot be started as configured: waiting reason `CreateContainerConfigError`. */
export class ConfigError extends Error {}

const variable = /\$(\$|\(([^)]*)\))/g;

/** Replaces `$(NAME)`; `$$` is a dollar sign, and a name that is not known stays as it is written. */
export function expand(text: string, known: Readonly<Record<string, string>>): string {
  return text.replaceAll(variable, (whole, mark: string, name: string | undefined) => {
    if (mark === '$') {
      return '$';
    }
    const value = name === undefined ? undefined : known[name];
    return value ?? whole;
  });
}

/** The data of a ConfigMap or Secret as bytes, by key; undefined when it does not exist. */
export function dataOf(
  store: ObjectStore,
  kind: 'configmaps' | 'secrets',
  namespace: string | undefined,
  name: string,
): Map<string, Buffer> | undefined {
  const object = store.get(kind, namespace, name);
  if (object === undefined) {
    return undefined;
  }
  const data = new Map<string, Buffer>();
  const put = (field: string, encoding: 'utf8' | 'base64'): void => {
    for (const [key, value] of Object.entries(at(object, field) ?? {})) {
      data.set(key, Buffer.from(String(value), encoding));
    }
  };
  put('data', kind === 'secrets' ? 'base64' : 'utf8');
  put('binaryData', 'base64');
  return data;
}

/** What a variable may refer to. */
export interface Surroundings {
  store: ObjectStore;
  pod: Pod;
  container: Container;
  node: Node;
  /** The pod's, which its status may not tell yet. */
  address: string;
}

function fromKey(around: Surroundings, kind: 'configmaps' | 'secrets', ref: KeyRef): string | undefined {
  const { namespace } = around.pod.metadata;
  const data = dataOf(around.store, kind, namespace, ref.name);
  const value = data?.get(ref.key);
  if (value !== undefined) {
    return value.toString();
  }
  if (ref.optional === true) {
    return undefined;
  }
  const word = kind === 'secrets' ? 'Secret' : 'ConfigMap';
  throw new ConfigError(
    data === undefined
      ? `${word.toLowerCase()} "${ref.name}" not found`
      : `couldn't find key ${ref.key} in ${word} ${namespace}/${ref.name}`,
  );
}

function valueOf(
  around: Surroundings,
  { name, value, valueFrom }: EnvVar,
  known: Readonly<Record<string, string>>,
): string | undefined {
  if (valueFrom?.secretKeyRef !== undefined) {
    return fromKey(around, 'secrets', valueFrom.secretKeyRef);
  }
  if (valueFrom?.configMapKeyRef !== undefined) {
    return fromKey(around, 'configmaps', valueFrom.configMapKeyRef);
  }
  if (valueFrom?.fieldRef !== undefined) {
    return fieldValue(around.pod, valueFrom.fieldRef.fieldPath, around.address);
  }
  return name === '' ? undefined : expand(value ?? '', known);
}

function addAll(around: Surroundings, environment: Record<string, string>): void {
  for (const { prefix = '', configMapRef, secretRef } of around.container.envFrom ?? []) {
    const ref = configMapRef ?? secretRef;
    const kind = configMapRef === undefined ? 'secrets' : 'configmaps';
    if (ref === undefined) {
      continue;
    }
    const data = dataOf(around.store, kind, around.pod.metadata.namespace, ref.name);
    if (data === undefined && ref.optional !== true) {
      throw new ConfigError(`${kind === 'secrets' ? 'secret' : 'configmap'} "${ref.name}" not found`);
    }
    for (const [key, value] of data ?? []) {
      environment[prefix + key] = value.toString();
    }
  }
}

/**
 * The variables of the container's own: `envFrom` first, then `env` in order, each
 * seeing those before it.
 * @throws ConfigError when something it refers to is not there.
 */
export function containerEnvironment(around: Surroundings): Record<string, string> {
  const environment: Record<string, string> = {};
  addAll(around, environment);
  for (const entry of around.container.env ?? []) {
    const value = valueOf(around, entry, environment);
    if (value !== undefined) {
      environment[entry.name] = value;
    }
  }
  return environment;
}
