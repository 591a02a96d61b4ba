import type { UnknownObject } from '@cloudemy/k8s';
import { type ConfigMap, type Workload, isConfigMap, isWorkload } from '../manifests/objects.js';
import { type OptionalPart, addPart, optionalParts, readOptionalPart } from '../manifests/optional.js';
import { readObjects } from '../manifests/read.js';
import { overlays, renderedFile } from '../manifests/render.js';

/** Every overlay as it is kept, with every optional part: what can end up in a cluster. */
export async function readVariants(): Promise<[name: string, objects: UnknownObject[]][]> {
  const variants: [string, UnknownObject[]][] = [];
  for (const overlay of overlays) {
    const objects = await readObjects(renderedFile(overlay));
    variants.push([overlay, objects]);
    for (const part of optionalParts)
      variants.push([`${overlay} with ${part}`, await withPart(objects, part)]);
  }
  return variants;
}

const withPart = async (objects: UnknownObject[], part: OptionalPart): Promise<UnknownObject[]> =>
  addPart(objects, await readOptionalPart(part));

/** The one object of that kind and name; throws when there is none. */
export function find(
  objects: readonly UnknownObject[],
  kind: string,
  name: string,
  namespace?: string,
): UnknownObject {
  const found = objects.find(
    (object) =>
      object.kind === kind &&
      object.metadata.name === name &&
      (namespace === undefined || object.metadata.namespace === namespace),
  );
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

export function findWorkload(objects: readonly UnknownObject[], name: string): Workload {
  const found = objects.filter(isWorkload).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`there is no workload ${name}`);
  return found;
}

export function findConfigMap(objects: readonly UnknownObject[], name: string): ConfigMap {
  const found = objects.filter(isConfigMap).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`there is no ConfigMap ${name}`);
  return found;
}
