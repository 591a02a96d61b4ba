import { type At, child, children, type Findings, isSet, show } from './findings.js';
import { matches, type Policy } from './policy.js';

/** What every node has. */
const OWN_RESOURCES = ['cpu', 'memory', 'ephemeral-storage', 'hugepages-*'];

/** Devices of nodes, by claim. */
export function checkDevices(spec: At, policy: Policy, findings: Findings): void {
  for (const claim of children(spec, 'resourceClaims')) {
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      const name = claim.value[field];
      if (!isSet(name) || (typeof name === 'string' && matches(policy.resourceClaims, name))) continue;
      const why = `the claim ${show(name)} could hold any device of a node`;
      findings.add('device', [...claim.path, field], why, hint(policy.resourceClaims));
    }
  }
}

/** Devices of nodes, as a resource that a container or a pod asks for. */
export function checkResources(holder: At, policy: Policy, findings: Findings): void {
  const resources = child(holder, 'resources');
  if (resources === undefined) return;
  for (const list of ['limits', 'requests'] as const) {
    for (const name of Object.keys(child(resources, list)?.value ?? {})) {
      if (matches([...OWN_RESOURCES, ...policy.resources], name)) continue;
      const why = `the resource ${show(name)} could be any device of a node`;
      findings.add('device', [...resources.path, list, name], why, hint(policy.resources));
    }
  }
}

const hint = (allowed: readonly string[]): string =>
  `remove it; allowed are: ${allowed.join(', ') || 'none'}`;
