import { createHash } from 'node:crypto';
import type { UnknownObject } from '@cloudemy/k8s';
import { type PodTemplate, isWorkload } from './objects.js';

const annotation = 'cloudemy.io/settings';

/**
 * Marks each pod template with a digest of the ConfigMaps and Secrets it reads, as environment variables are read
 * once: pods are replaced, by the rolling update, exactly when what they read has changed.
 */
export function rollOnChange(
  objects: readonly UnknownObject[],
  secrets: readonly UnknownObject[],
): UnknownObject[] {
  const byName = new Map(
    [...objects, ...secrets].map((object) => [keyOf(object.kind, object.metadata), object]),
  );
  return objects.map((object) => {
    if (!isWorkload(object)) return object;
    const { template } = object.spec;
    const { namespace } = object.metadata;
    const read = referencesOf(template).map(([kind, name]) => byName.get(keyOf(kind, { namespace, name })));
    const digest = createHash('sha256')
      .update(JSON.stringify(read.map((one) => [sorted(one?.['data']), sorted(one?.['stringData'])])))
      .digest('hex');
    const annotations = { ...template.metadata.annotations, [annotation]: digest.slice(0, 16) };
    const metadata = { ...template.metadata, annotations };
    return { ...object, spec: { ...object.spec, template: { ...template, metadata } } };
  });
}

/** The values by name, in the order of their names: a server gives them back in an order of its own. */
function sorted(values: unknown): [string, unknown][] {
  return Object.entries(Object(values)).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** ConfigMaps and Secrets that a pod reads, as kind and name. */
export function referencesOf({ spec }: PodTemplate): [kind: 'ConfigMap' | 'Secret', name: string][] {
  const found: [kind: 'ConfigMap' | 'Secret', name: string | undefined][] = [
    ...spec.containers.flatMap(({ env = [], envFrom = [] }) => [
      ...envFrom.map(({ configMapRef }) => ['ConfigMap', configMapRef?.name] as const),
      ...env.map(({ valueFrom }) => ['ConfigMap', valueFrom?.configMapKeyRef?.name] as const),
      ...env.map(({ valueFrom }) => ['Secret', valueFrom?.secretKeyRef?.name] as const),
    ]),
    ...(spec.volumes ?? []).map(({ configMap }) => ['ConfigMap', configMap?.name] as const),
    ...(spec.volumes ?? []).map(({ secret }) => ['Secret', secret?.secretName] as const),
  ].map(([kind, name]) => [kind, name]);
  return found.flatMap(([kind, name]) => (name === undefined ? [] : [[kind, name]]));
}

const keyOf = (
  kind: string | undefined,
  { namespace, name }: { namespace?: string | undefined; name?: string | undefined },
): string => `${kind ?? ''} ${namespace ?? ''}/${name ?? ''}`;
