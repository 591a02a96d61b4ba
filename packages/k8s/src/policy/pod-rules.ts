import { checkContainer, checkGracePeriod, requireHardened } from './container-rules.js';
import { checkDevices, checkResources } from './device-rules.js';
import { type At, child, children, type Findings, isOn, isSet, show } from './findings.js';
import { matches, type Policy } from './policy.js';
import { checkPlacement } from './placement-rules.js';
import { checkPodContext } from './security-context.js';
import { checkVolume } from './volume-rules.js';

const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;
const HOST_FIELDS = ['hostNetwork', 'hostPID', 'hostIPC', 'hostUsers'] as const;

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
  checkDevices(spec, policy, findings);
  checkResources(spec, policy, findings);
  checkGracePeriod(spec, policy, findings);
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
