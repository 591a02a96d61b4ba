import {
  type ManifestDocument,
  type Policy,
  type UnknownObject,
  checkPolicy,
  parseManifests,
  withDefaults,
  withoutExported,
} from '@cloudemy/k8s';
import { ProblemError } from '@cloudemy/service';
import { isGiven, objectKey } from './identity.js';
import { type Fault, faultAt, fromParser, fromPolicy } from './manifest-errors.js';

export interface YamlLimits {
  maxBytes: number;
  maxDocuments: number;
}

/** An object that was asked for. */
export interface PlannedObject {
  document: ManifestDocument;
  /** What the YAML asks for: without what the cluster had added to an object copied from it. */
  asked: UnknownObject;
  /** As it is sent to the cluster, apart from namespace and labels of ours. */
  object: UnknownObject;
  /** What whoever sent it should know. */
  notes: string[];
  /** Of `object` as JSON. */
  bytes: number;
  key: string;
  name: string | null;
  generateName: string | null;
}

/** What a YAML text asks for. */
export interface Plan {
  objects: PlannedObject[];
  /** With a fault in their metadata, which is among the faults: only to find out what else is wrong with them. */
  faulty: PlannedObject[];
  faults: Fault[];
}

/**
 * The objects of a YAML text. Faults of single documents are returned, for others may be looked at all the same.
 *
 * @throws ProblemError `too_large`, and `invalid_manifest` for a text without any object
 */
export async function planObjects(yaml: string, limits: YamlLimits): Promise<Plan> {
  const { documents, faulty, problems } = await parseManifests(yaml, limits);
  const oversize = problems.find(({ code }) => code === 'too_large');
  if (oversize !== undefined) {
    throw new ProblemError('too_large', { detail: `${oversize.message}. Send less at a time.` });
  }
  const faults = problems.map((problem) => fromParser(problem));
  if (documents.length === 0 && faults.length === 0) {
    const reason = 'holds no Kubernetes object: send at least one document';
    throw new ProblemError('invalid_manifest', {
      detail: `yaml_content ${reason}.`,
      errors: [{ in: 'body', path: 'yaml_content', reason }],
    });
  }
  const objects = documents.map((document) => plan(document));
  return {
    objects,
    faulty: faulty.map((document) => plan(document)),
    faults: [...faults, ...findRepeats(objects)],
  };
}

/** What the policy has against each object. */
export function policyFaults({ document, asked }: PlannedObject, policy: Policy, namespace: string): Fault[] {
  return checkPolicy(asked, policy, namespace).map((finding) => fromPolicy(document, finding));
}

function plan(document: ManifestDocument): PlannedObject {
  const { apiVersion, kind, metadata } = document.object;
  const { name, generateName } = metadata;
  const { object: asked, removed } = withoutExported(document.object);
  const object = withDefaults(asked);
  const exported = `this object was exported from a cluster: ${removed.join(', ')} were left out, as only the cluster sets them`;
  return {
    document,
    asked,
    object,
    notes: removed.length === 0 ? [] : [exported],
    bytes: Buffer.byteLength(JSON.stringify(object)),
    key: objectKey({ apiVersion, kind, name, generateName }),
    name: isGiven(name) ? name : null,
    generateName: isGiven(name) || !isGiven(generateName) ? null : generateName,
  };
}

/** The second of two would silently win over the first. */
function findRepeats(objects: readonly PlannedObject[]): Fault[] {
  const first = new Map<string, PlannedObject>();
  return objects.flatMap((object) => {
    const before = first.get(object.key);
    if (before === undefined || object.name === null) {
      first.set(object.key, object);
      return [];
    }
    const reason = `${object.document.title} is in document ${before.document.index} already: remove one of them`;
    return [faultAt(object.document, 'manifest', 'metadata.name', reason)];
  });
}
