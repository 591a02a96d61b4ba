import type { KubeObject } from '../objects.js';
import type { Registry } from '../store/registry.js';

/** What lists are sorted by. */
export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

/**
 * The objects of a resource as they were at a version, by undoing the writes since; undefined when those are
 * no longer known.
 */
export function objectsAt(
  registry: Registry,
  resource: string,
  namespace: string | undefined,
  version: number,
): readonly KubeObject[] | undefined {
  const current = registry.table.list(resource, namespace);
  const events = registry.table.history.since(version);
  if (events === undefined) {
    return undefined;
  }
  const later = events.filter(
    ({ resource: of, object }) =>
      of === resource && (namespace === undefined || object.metadata.namespace === namespace),
  );
  if (later.length === 0) {
    return current;
  }
  const objects = new Map(current.map((object) => [keyOf(object), object]));
  for (const { type, object, previous } of later.toReversed()) {
    if (type === 'ADDED' || previous === undefined) {
      objects.delete(keyOf(object));
    } else {
      objects.set(keyOf(object), previous);
    }
  }
  return [...objects.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}
