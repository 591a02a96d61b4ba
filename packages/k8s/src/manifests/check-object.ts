import { isRecord } from '../objects/is-record.js';
import { isDnsLabel, isDnsSubdomain } from '../objects/names.js';
import type { UnknownObject } from '../objects/types.js';
import { explainForeignFile } from './foreign-files.js';
import { ManifestFault } from './problem.js';
import type { FieldPath } from '../objects/field-path.js';

type NamedObject = UnknownObject & { apiVersion: string; kind: string };

/**
 * Whether a value has what every object needs before the server is asked about it, and every fault of it.
 * @returns the object also when it has faults, if it is enough of one for more to be looked at
 */
export function checkObject(
  value: unknown,
  base: FieldPath,
): { object?: NamedObject; faults: ManifestFault[] } {
  if (!isRecord(value)) {
    const is = Array.isArray(value) ? 'a list' : `a ${value === null ? 'null' : typeof value}`;
    return {
      faults: [fault(base, [], `a document must be a Kubernetes object, this is ${is}`, 'not_an_object')],
    };
  }
  const foreign = explainForeignFile(value);
  if (foreign !== undefined) return { faults: [fault(base, [], foreign, 'not_an_object')] };
  const faults = [
    ...checkText(
      base,
      value,
      'apiVersion',
      /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[a-z0-9]+$/,
      'such as v1 or batch/v1',
    ),
    ...checkText(base, value, 'kind', /^[A-Za-z][A-Za-z0-9]*$/, 'such as Job'),
    ...checkMetadata(base, value['metadata']),
  ];
  return isNamedObject(value) ? { object: value, faults } : { faults };
}

function isNamedObject(value: Record<string, unknown>): value is NamedObject {
  return (
    typeof value['apiVersion'] === 'string' &&
    typeof value['kind'] === 'string' &&
    isRecord(value['metadata'])
  );
}

function checkText(base: FieldPath, value: Record<string, unknown>, key: string, form: RegExp, hint: string) {
  const text = value[key];
  if (text === undefined || text === null) return [fault(base, [key], `${key} is missing, ${hint}`)];
  if (typeof text === 'string' && form.test(text)) return [];
  return [fault(base, [key], `${key} must be a word ${hint}`)];
}

function checkMetadata(base: FieldPath, metadata: unknown): ManifestFault[] {
  if (!isRecord(metadata)) return [fault(base, ['metadata'], 'metadata is missing: the object needs a name')];
  const { name, generateName, namespace } = metadata;
  const faults: ManifestFault[] = [];
  const add = (key: string, message: string) => faults.push(fault(base, ['metadata', key], message));
  const given = name ?? generateName;
  const key = isGiven(name) ? 'name' : 'generateName';
  if (!isGiven(given)) {
    add('name', 'metadata.name is missing');
  } else if (typeof given !== 'string') {
    add(key, `metadata.${key} must be text: put it in quotes`);
  } else if (!isObjectName(key === 'name' ? given : `${given}x`)) {
    add(key, `metadata.${key} must be a DNS name: lower-case letters, digits, "-" and "."`);
  }
  if (isGiven(namespace) && (typeof namespace !== 'string' || !isDnsLabel(namespace))) {
    add('namespace', 'metadata.namespace must be a DNS label: lower-case letters, digits and "-"');
  }
  for (const key of ['labels', 'annotations']) {
    const value = metadata[key];
    if (isGiven(value) && !isRecord(value)) add(key, `metadata.${key} must be an object`);
  }
  return faults;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** RBAC objects may have names such as `system:reader`. */
function isObjectName(name: string): boolean {
  return isDnsSubdomain(name.replaceAll(':', '-'));
}

function fault(
  base: FieldPath,
  path: FieldPath,
  message: string,
  code: 'invalid_field' | 'not_an_object' = 'invalid_field',
): ManifestFault {
  return new ManifestFault(code, message, -1, [...base, ...path]);
}
