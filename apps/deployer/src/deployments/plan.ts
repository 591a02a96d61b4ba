import {
  type ManifestDocument,
  type Policy,
  type UnknownObject,
  checkPolicy,
  parseManifests,
  withDefaults,
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
  /** As it is sent to the cluster, apart from namespace and labels of ours. */
  object: UnknownObject;
  /** Of `object` as JSON. */
  bytes: number;
  key: string;
  name: string | null;
  generateName: string | null;
}

/**
 * The objects of a YAML text. Faults of single documents are returned, for others may be looked at all the same.
 *
 * @throws ProblemError `too_large`, and `invalid_manifest` for a text without any object
 */
export async function planObjects(
  yaml: string,
  limits: YamlLimits,
): Promise<{ objects: PlannedObject[]; faults: Fault[] }> {
  const { documents, problems } = await parseManifests(yaml, limits);
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
  return { objects, faults: [...faults, ...findRepeats(objects)] };
}

/** What the policy has against each object. */
export function policyFaults({ document }: PlannedObject, policy: Policy, namespace: string): Fault[] {
  return checkPolicy(document.object, policy, namespace).map((finding) => fromPolicy(document, finding));
}

function plan(document: ManifestDocument): PlannedObject {
  const { apiVersion, kind, metadata } = document.object;
  const { name, generateName } = metadata;
  const object = withDefaults(document.object);
  return {
    document,
    object,
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
