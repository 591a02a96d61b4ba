import { isRecord } from '../objects/is-record.js';
import { checkContainer, requireHardened } from './container-rules.js';
import { type At, child, children, type Findings, isOn, isSet, show } from './findings.js';
import { matches, type Policy } from './policy.js';
import { checkPodContext } from './security-context.js';
import { checkVolume } from './volume-rules.js';

const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;
const HOST_FIELDS = ['hostNetwork', 'hostPID', 'hostIPC', 'hostUsers'] as const;
const CONTROL_PLANE = /^node-role\.kubernetes\.io\/(control-plane|master)$/;

/** A pod's spec, wherever it was found: what must not be there. */
export function checkPodSpec(spec: At, policy: Policy, findings: Findings): void {
  for (const field of HOST_FIELDS) {
    if (!isOn(spec.value[field])) continue;
    findings.add(
      'host_namespace',
      [...spec.path, field],
      `${field} shares a namespace of the node`,
      'remove it',
    );
  }
  const context = child(spec, 'securityContext');
  if (context !== undefined) checkPodContext(context, policy, findings);
  checkServiceAccount(spec, policy, findings);
  checkPlacement(spec, policy, findings);
  for (const list of CONTAINER_LISTS) {
    for (const container of children(spec, list)) checkContainer(container, policy, findings);
  }
  for (const volume of children(spec, 'volumes')) checkVolume(volume, policy, findings);
}

/** What level `restricted` demands to be there. */
export function requireHardenedPod(spec: At, findings: Findings): void {
  const context = child(spec, 'securityContext');
  for (const list of CONTAINER_LISTS) {
    for (const container of children(spec, list)) requireHardened(container, context, findings);
  }
  if (spec.value['automountServiceAccountToken'] !== false) {
    const path = [...spec.path, 'automountServiceAccountToken'];
    findings.add('service_account_token', path, 'the token is mounted unless refused', 'set it to false');
  }
}

function checkServiceAccount(spec: At, policy: Policy, findings: Findings): void {
  for (const field of ['serviceAccountName', 'serviceAccount'] as const) {
    const account = spec.value[field];
    if (!isSet(account) || (typeof account === 'string' && matches(policy.serviceAccounts, account)))
      continue;
    const hint = `remove it, or use one of: ${policy.serviceAccounts.join(', ') || 'none'}`;
    const why = `pods may not run as the service account ${show(account)}`;
    findings.add('service_account', [...spec.path, field], why, hint);
  }
  if (isOn(spec.value['automountServiceAccountToken']) && !policy.allowServiceAccountToken) {
    const path = [...spec.path, 'automountServiceAccountToken'];
    findings.add(
      'service_account_token',
      path,
      'the pod would get credentials of the cluster',
      'set it to false',
    );
  }
}

function checkPlacement(spec: At, policy: Policy, findings: Findings): void {
  const { value, path } = spec;
  const priority = value['priorityClassName'];
  if (isSet(priority) && !(typeof priority === 'string' && matches(policy.priorityClasses, priority))) {
    const hint = `remove it, or use one of: ${policy.priorityClasses.join(', ') || 'none'}`;
    const why = `pods of the priority class ${show(priority)} could take the room of others`;
    findings.add('priority_class', [...path, 'priorityClassName'], why, hint);
  }
  const runtime = value['runtimeClassName'];
  if (isSet(runtime) && !(typeof runtime === 'string' && matches(policy.runtimeClasses, runtime))) {
    const hint = `remove it, or use one of: ${policy.runtimeClasses.join(', ') || 'none'}`;
    const why = `the runtime class ${show(runtime)} is not allowed`;
    findings.add('runtime_class', [...path, 'runtimeClassName'], why, hint);
  }
  if (!policy.allowControlPlane) checkNodeChoice(spec, findings);
}

function checkNodeChoice(spec: At, findings: Findings): void {
  const { value, path } = spec;
  if (isSet(value['nodeName'])) {
    findings.add('node_choice', [...path, 'nodeName'], 'a named node goes around the scheduler', 'remove it');
  }
  for (const key of Object.keys(child(spec, 'nodeSelector')?.value ?? {})) {
    if (!CONTROL_PLANE.test(key)) continue;
    findings.add(
      'node_choice',
      [...path, 'nodeSelector', key],
      'control-plane nodes are not for pods',
      'remove it',
    );
  }
  for (const toleration of children(spec, 'tolerations')) {
    const key = toleration.value['key'];
    if (typeof key === 'string' && key !== '' && !CONTROL_PLANE.test(key)) continue;
    const why = isSet(key) ? 'control-plane nodes are not for pods' : 'it tolerates every taint';
    findings.add('node_choice', [...toleration.path], why, 'name the taint to tolerate, or remove it');
  }
  const affinity = child(spec, 'affinity');
  const node = affinity && child(affinity, 'nodeAffinity');
  if (node !== undefined) checkAffinity(node, findings);
}

/** Terms are nested in several ways; what counts is whether a control-plane label is asked for anywhere. */
function checkAffinity(at: At, findings: Findings): void {
  const { key, operator } = at.value;
  if (
    typeof key === 'string' &&
    CONTROL_PLANE.test(key) &&
    operator !== 'DoesNotExist' &&
    operator !== 'NotIn'
  ) {
    findings.add('node_choice', [...at.path, 'key'], 'control-plane nodes are not for pods', 'remove it');
  }
  for (const [name, value] of Object.entries(at.value)) {
    if (isRecord(value)) checkAffinity({ value, path: [...at.path, name] }, findings);
    else for (const item of children(at, name)) checkAffinity(item, findings);
  }
}
