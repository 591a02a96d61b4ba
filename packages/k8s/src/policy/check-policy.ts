import type { UnknownObject } from '../objects/types.js';
import { checkContainer } from './container-rules.js';
import { type At, Findings, type PolicyFinding, show } from './findings.js';
import {
  findClaimSpecs,
  findClaimTemplates,
  findJobSpecs,
  findPodSpecs,
  findTemplates,
  kindWithGroup,
} from './find-pod-specs.js';
import {
  checkClaimSpec,
  checkDisruptionBudget,
  checkJobSpec,
  checkMetadata,
  checkName,
  checkSecret,
  checkService,
} from './object-rules.js';
import { checkPodSpec, requireHardenedPod } from './pod-rules.js';
import { matches, type Policy } from './policy.js';
import { checkContainerContext, checkPodContext } from './security-context.js';
import { checkVolume } from './volume-rules.js';

/**
 * Everything an object does that the policy forbids, with what to do about each.
 * @param namespace where it is to be deployed; the object may name the same one, or none
 */
export function checkPolicy(object: UnknownObject, policy: Policy, namespace: string): PolicyFinding[] {
  const findings = new Findings();
  const root: At = { value: object, path: [] };
  const kind = kindWithGroup(object.apiVersion ?? '', object.kind ?? '');
  if (!matches(policy.kinds, kind)) {
    const hint = `allowed are: ${policy.kinds.join(', ')}`;
    findings.add('kind', ['kind'], `objects of kind ${kind} may not be deployed`, hint);
  }
  checkNamespace(object, policy, namespace, findings);
  checkName(root, kind, policy, findings);
  checkMetadata(root, policy, findings);
  for (const template of [...findTemplates(object, kind), ...findClaimTemplates(object, kind)]) {
    checkMetadata(template, policy, findings);
  }
  for (const spec of findJobSpecs(object, kind)) checkJobSpec(spec, findings);
  for (const spec of findClaimSpecs(object, kind)) checkClaimSpec(spec, findings);
  if (kind === 'PodDisruptionBudget.policy') checkDisruptionBudget(root, findings);
  if (kind === 'Service') checkService(root, policy, findings);
  if (kind === 'Secret') checkSecret(root, policy, findings);
  for (const { certain, ...at } of findPodSpecs(object, kind)) {
    checkPodSpec(at, policy, findings);
    if (certain && policy.level === 'restricted') requireHardenedPod(at, findings);
    if (!certain) checkUncertain(at, policy, findings);
  }
  return withoutRepeats(findings.list);
}

function checkNamespace(object: UnknownObject, policy: Policy, namespace: string, findings: Findings): void {
  if (!matches(policy.namespaces, namespace)) {
    const hint = `allowed are: ${policy.namespaces.join(', ') || 'none'}`;
    const why = `nothing may be deployed to namespace ${show(namespace)}`;
    findings.add('namespace', ['metadata', 'namespace'], why, hint);
  }
  const own: unknown = object.metadata.namespace;
  if (own !== undefined && own !== null && own !== '' && own !== namespace) {
    const why = `the object names namespace ${show(own)}, the request ${show(namespace)}`;
    findings.add('namespace', ['metadata', 'namespace'], why, 'remove it, or ask for that namespace');
  }
}

/** A part of an unknown kind may also be a template, a container, a security context, or a volume. */
function checkUncertain(at: At, policy: Policy, findings: Findings): void {
  checkMetadata(at, policy, findings);
  checkContainer(at, policy, findings);
  checkContainerContext(at, policy, findings);
  checkPodContext(at, policy, findings);
  if ('hostPath' in at.value || 'projected' in at.value) {
    const { hostPath, projected } = at.value;
    checkVolume({ value: { hostPath, projected }, path: at.path }, policy, findings);
  }
}

function withoutRepeats(list: readonly PolicyFinding[]): PolicyFinding[] {
  return [...new Map(list.map((finding) => [`${finding.rule} ${finding.field}`, finding])).values()];
}
