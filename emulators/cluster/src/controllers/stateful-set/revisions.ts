import { cloneJson, equalJson, isObject } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import type { ObjectStore } from '../../store/object-store.js';
import { templateHash } from '../deployment/rollout.js';
import type { PodTemplate } from '../deployment/types.js';
import { controllerOf, controllerReference } from '../ownership.js';
import type { StatefulSet } from './types.js';

const REVISIONS = 'controllerrevisions.apps';
const DEFAULT_HISTORY = 10;

/** A template that the set has or had, as `kubectl rollout undo` reads it. */
interface Revision extends KubeObject {
  revision: number;
  data: { spec: { template: PodTemplate & { $patch?: string } } };
}

function isRevision(object: KubeObject): object is Revision {
  return object.kind === 'ControllerRevision' && isObject(object['data']);
}

function templateOf({ data }: Revision): PodTemplate {
  const { $patch: _, ...template } = data.spec.template;
  return template;
}

/** The templates a StatefulSet has had, as ControllerRevisions. */
export class Revisions {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** The name of the revision that the set's template is, which is made the newest. */
  current(set: StatefulSet): string {
    const all = this.#of(set);
    const newest = all.at(-1);
    const known = all.find((revision) => equalJson(templateOf(revision), set.spec.template));
    const next = (newest?.revision ?? 0) + 1;
    if (known === undefined) {
      return this.#create(set, next);
    }
    if (known !== newest) {
      this.#store.update(REVISIONS, set.metadata.namespace, known.metadata.name, (draft) => {
        draft['revision'] = next;
      });
    }
    return known.metadata.name;
  }

  /** The template of a revision; the set's own when the revision is not kept any more. */
  template(set: StatefulSet, name: string): PodTemplate {
    const found = this.#store.get(REVISIONS, set.metadata.namespace, name);
    return found !== undefined && isRevision(found) ? cloneJson(templateOf(found)) : set.spec.template;
  }

  /** Removes the oldest that no pod was made from. */
  forget(set: StatefulSet, used: ReadonlySet<string>): void {
    const unused = this.#of(set).filter(({ metadata }) => !used.has(metadata.name));
    const surplus = unused.length - (set.spec.revisionHistoryLimit ?? DEFAULT_HISTORY);
    for (const { metadata } of unused.slice(0, Math.max(0, surplus))) {
      this.#store.delete(REVISIONS, metadata.namespace, metadata.name);
    }
  }

  /** Oldest first. */
  #of(set: StatefulSet): Revision[] {
    return this.#store
      .list(REVISIONS, { namespace: set.metadata.namespace ?? '' })
      .filter((object) => controllerOf(object)?.uid === set.metadata.uid)
      .filter(isRevision)
      .sort((left, right) => left.revision - right.revision);
  }

  #create(set: StatefulSet, revision: number): string {
    const { namespace, name, annotations } = set.metadata;
    const template = cloneJson(set.spec.template);
    const hash = templateHash(template);
    return this.#store.create(REVISIONS, {
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels: { ...template.metadata?.labels, 'controller.kubernetes.io/hash': hash },
        ...(annotations === undefined ? {} : { annotations }),
        ownerReferences: [controllerReference(set)],
      },
      data: { spec: { template: { ...template, $patch: 'replace' } } },
      revision,
    }).metadata.name;
  }
}
