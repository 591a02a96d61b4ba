import type { UnknownObject } from '@cloudemy/k8s';
import type { StoredDeployment, StoredObject } from './model.js';
import type { AcceptedObject } from './dry-run.js';

/** Objects of a deployment, as recorded before anything is applied. */
export interface Inventory {
  /** Everything, as it is recorded before anything is applied. */
  all: StoredObject[];
  /** What the deployment has besides: under generated names, or no longer in the YAML. */
  kept: StoredObject[];
  planned: { accepted: AcceptedObject; stored: StoredObject }[];
}

/** The inventory as it becomes when these objects are applied. */
export function planInventory(
  before: StoredDeployment | null,
  accepted: readonly AcceptedObject[],
): Inventory {
  const named = new Set(accepted.map(({ planned }) => planned.key));
  const kept =
    before?.objects.filter(
      ({ generate_name, key, uid }) => uid !== null && (generate_name !== null || !named.has(key)),
    ) ?? [];
  const planned = accepted.map((object) => {
    const { planned, resource } = object;
    const known = planned.name === null ? undefined : before?.objects.find(({ key }) => key === planned.key);
    const { group, version, resource: plural } = resource;
    const stored: StoredObject = {
      key: planned.key,
      api_version: planned.document.object.apiVersion,
      kind: planned.document.object.kind,
      resource: { group, version, resource: plural },
      name: planned.name,
      generate_name: planned.generateName,
      // A new object under an old name has another uid, not known yet.
      uid: object.isNew || object.isForeign ? null : (known?.uid ?? null),
      document: planned.document.index,
      bytes: planned.bytes,
      taken_over: object.isNew ? false : (known?.taken_over ?? false),
      applied_at: known?.applied_at ?? null,
      time_to_live: timeToLive(planned.document.object),
      deletion_asked: false,
    };
    return { accepted: object, stored };
  });
  return { all: [...kept, ...planned.map(({ stored }) => stored)], kept, planned };
}

function timeToLive({ kind, spec }: UnknownObject): number | null {
  if (kind !== 'Job' || typeof spec !== 'object' || spec === null) return null;
  const seconds: unknown = Reflect.get(spec, 'ttlSecondsAfterFinished');
  return typeof seconds === 'number' ? seconds : null;
}
