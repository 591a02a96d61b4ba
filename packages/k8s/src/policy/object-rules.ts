import { type At, child, type Findings, isOn, isSet, show } from './findings.js';
import { matches, type Policy } from './policy.js';

const SECURITY_ANNOTATIONS: readonly (readonly [RegExp, 'apparmor' | 'seccomp'])[] = [
  [/^container\.apparmor\.security\.beta\.kubernetes\.io\//, 'apparmor'],
  [/^(container\.)?seccomp\.security\.alpha\.kubernetes\.io\//, 'seccomp'],
];

/** By this label programs know what they made (https://kubernetes.io/docs/reference/labels-annotations-taints/). */
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** Metadata of the object or of a template in it: nothing forged, no security switched off by annotation. */
export function checkMetadata(holder: At, policy: Policy, findings: Findings): void {
  const metadata = child(holder, 'metadata');
  if (metadata === undefined) return;
  for (const field of ['ownerReferences', 'finalizers', 'managedFields'] as const) {
    const value = metadata.value[field];
    if (!isSet(value) || (Array.isArray(value) && value.length === 0)) continue;
    findings.add('ownership', [...metadata.path, field], `${field} are the cluster's to set`, 'remove them');
  }
  for (const field of ['labels', 'annotations'] as const) {
    for (const key of Object.keys(child(metadata, field)?.value ?? {})) {
      if (!matches(policy.reservedKeys, key)) continue;
      findings.add('ownership', [...metadata.path, field, key], `${key} is not yours to set`, 'remove it');
    }
  }
  const manager = child(metadata, 'labels')?.value[MANAGED_BY];
  if (typeof manager === 'string' && matches(policy.reservedManagers, manager)) {
    const why = `${show(manager)} marks what Cloudemy makes itself`;
    findings.add('ownership', [...metadata.path, 'labels', MANAGED_BY], why, 'use another value');
  }
  const annotations = child(metadata, 'annotations');
  if (annotations !== undefined) checkAnnotations(annotations, policy, findings);
}

/**
 * Controllers of the cluster take orders by annotation: networks, names in DNS, sidecars with secrets, devices. By
 * convention a key without a domain is the user's own; of the others only those that are known to order nothing pass.
 */
function checkAnnotations({ value: annotations, path }: At, policy: Policy, findings: Findings): void {
  for (const [key, value] of Object.entries(annotations)) {
    const rule = SECURITY_ANNOTATIONS.find(([pattern]) => pattern.test(key))?.[1];
    if (rule !== undefined) {
      const isSafe = typeof value === 'string' && /^(runtime|docker)\/default$/.test(value);
      if (!isSafe) findings.add(rule, [...path, key], `${show(value)} confines nothing`, 'remove it');
      continue;
    }
    const isOwn = !/[./]/.test(key);
    if (isOwn || matches([...policy.annotations, ...policy.reservedKeys], key)) continue;
    // Asking to be left alone is no order.
    if (value === 'false' && key.endsWith('/inject')) continue;
    const why = `a controller of the cluster may take ${key} for an order`;
    const remedy = 'remove it, or have an operator add it to ALLOWED_ANNOTATIONS';
    findings.add('annotation', [...path, key], why, remedy);
  }
}

/** Names that are not free, whether or not there is such an object. */
export function checkName(object: At, kind: string, policy: Policy, findings: Findings): void {
  const { name, generateName } = child(object, 'metadata')?.value ?? {};
  const given = isSet(name) ? name : generateName;
  const reserved = policy.reservedNames.find((one) => one.kind === kind && one.name.test(String(given)));
  if (reserved === undefined) return;
  const why = `${kind} ${show(given)} ${reserved.whose}`;
  findings.add('ownership', [...object.path, 'metadata', 'name'], why, 'use another name');
}

/**
 * A Job finds its pods by a label that the cluster makes up. With a selector of its own it would adopt pods of
 * others, and whoever may look into a Job may look into its pods.
 */
export function checkJobSpec(spec: At, findings: Findings): void {
  for (const field of ['manualSelector', 'selector'] as const) {
    const value = spec.value[field];
    if (!isOn(value)) continue;
    const why = `${field} would let the Job adopt pods of others`;
    findings.add('ownership', [...spec.path, field], why, 'remove it');
  }
}

/** A Service reaches inside the cluster only. */
export function checkService(object: At, policy: Policy, findings: Findings): void {
  const spec = child(object, 'spec');
  if (spec === undefined) return;
  const type = spec.value['type'] ?? 'ClusterIP';
  if (typeof type !== 'string' || !policy.serviceTypes.includes(type)) {
    const why = `Services of type ${show(type)} are not allowed: they reach beyond the cluster`;
    findings.add('service_exposure', [...spec.path, 'type'], why, `use ${policy.serviceTypes.join(' or ')}`);
  }
  for (const field of ['clusterIP', 'clusterIPs'] as const) {
    const value = spec.value[field];
    const addresses: unknown[] = Array.isArray(value) ? value : [value];
    if (addresses.every((address) => !isSet(address) || address === 'None')) continue;
    const why = `an address of one's own choice could be one that others are reached by`;
    findings.add('service_exposure', [...spec.path, field], why, 'remove it; the cluster chooses one');
  }
  for (const field of ['externalIPs', 'externalName', 'loadBalancerIP'] as const) {
    const value = spec.value[field];
    if (!isSet(value) || (Array.isArray(value) && value.length === 0)) continue;
    if (field !== 'externalIPs' && typeof type === 'string' && policy.serviceTypes.includes(type)) continue;
    const why = `${field} can take over traffic meant for others`;
    findings.add('service_exposure', [...spec.path, field], why, 'remove it');
  }
}

/** Types of Secrets that the cluster fills with, or takes for, credentials to itself. */
const CREDENTIAL_SECRETS = ['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token'];

export function checkSecret(object: At, policy: Policy, findings: Findings): void {
  const type = object.value['type'];
  if (policy.allowServiceAccountToken || !CREDENTIAL_SECRETS.includes(String(type))) return;
  const why = `a Secret of type ${show(type)} holds credentials of the cluster`;
  findings.add('service_account_token', [...object.path, 'type'], why, 'use type Opaque');
}

/** The spec of a volume claim: a volume, or data, that belongs to others must not be named. */
export function checkClaimSpec(spec: At, findings: Findings): void {
  if (isSet(spec.value['volumeName'])) {
    const why = 'a named volume may hold the data of others';
    findings.add('volume_claim', [...spec.path, 'volumeName'], why, 'remove it; the cluster chooses one');
  }
  const source = child(spec, 'dataSourceRef');
  if (source !== undefined && isSet(source.value['namespace'])) {
    const why = 'data of another namespace belongs to others';
    findings.add('volume_claim', [...source.path, 'namespace'], why, 'remove it');
  }
}

/**
 * A budget for disruptions that allows none keeps nodes from being drained. Only `maxUnavailable` of one or more (or
 * of any share: the cluster rounds it up) surely leaves one: of `minAvailable` that depends on how many pods there are.
 */
export function checkDisruptionBudget(object: At, findings: Findings): void {
  const spec = child(object, 'spec');
  if (spec === undefined) return;
  const refuse = (field: string, why: string, remedy: string): void =>
    findings.add('disruption_budget', [...spec.path, field], why, remedy);
  const { maxUnavailable, minAvailable } = spec.value;
  if (isSet(minAvailable)) {
    refuse(
      'minAvailable',
      'with too few pods it would keep nodes from being drained',
      'use maxUnavailable: 1',
    );
  } else if (isSet(maxUnavailable) && !(Number.parseInt(String(maxUnavailable), 10) >= 1)) {
    refuse('maxUnavailable', 'it would keep nodes from being drained', 'use 1 or more');
  }
  const selector = child(spec, 'selector');
  const words = Object.values(selector?.value ?? {}).some(
    (value) => typeof value === 'object' && value !== null && Object.keys(value).length > 0,
  );
  if (!words) refuse('selector', 'it would hold the pods of everybody', 'select pods of yours by a label');
}
