import { isRecord } from '../objects/is-record.js';
import { type At, child, children, type Findings, isSet, show } from './findings.js';
import { checkResources } from './device-rules.js';
import type { Policy } from './policy.js';
import { checkContainerContext } from './security-context.js';

const HANDLERS = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** One container of any kind: init, main or ephemeral. */
export function checkContainer(container: At, policy: Policy, findings: Findings): void {
  const context = child(container, 'securityContext');
  if (context !== undefined) checkContainerContext(context, policy, findings);
  for (const port of children(container, 'ports')) {
    const hostPort = port.value['hostPort'];
    if (!isSet(hostPort) || hostPort === 0) continue;
    const why = `port ${show(hostPort)} would be opened on the node`;
    findings.add('host_port', [...port.path, 'hostPort'], why, 'remove it; a Service reaches the pod');
  }
  checkResources(container, policy, findings);
  const lifecycle = child(container, 'lifecycle');
  const probes = HANDLERS.map((key) => child(container, key));
  for (const probe of probes) if (probe !== undefined) checkGracePeriod(probe, policy, findings);
  const hooks = ['postStart', 'preStop'].map((key) => lifecycle && child(lifecycle, key));
  for (const handler of [...probes, ...hooks]) if (handler !== undefined) checkHandler(handler, findings);
}

/** For as long as its grace period a pod that ignores its end cannot be deleted, and nobody sees it any more. */
export function checkGracePeriod({ value, path }: At, policy: Policy, findings: Findings): void {
  const field = 'terminationGracePeriodSeconds';
  const seconds = value[field];
  const { maxGracePeriodSeconds: most } = policy;
  if (!isSet(seconds) || Number(seconds) <= most) return;
  const why = `for ${show(seconds)} s the pod could not be deleted`;
  findings.add('grace_period', [...path, field], why, `use at most ${most}`);
}

/** The kubelet makes these requests from the node: another host would be reached from there. */
function checkHandler(handler: At, findings: Findings): void {
  for (const key of ['httpGet', 'tcpSocket']) {
    const action = child(handler, key);
    if (action === undefined || !isSet(action.value['host'])) continue;
    const why = `the node would be made to ask ${show(action.value['host'])}`;
    findings.add('probe_host', [...action.path, 'host'], why, 'remove it; probes reach the pod itself');
  }
}

/** What level `restricted` demands of every container, given what the pod sets for all of them. */
export function requireHardened(container: At, podContext: At | undefined, findings: Findings): void {
  const context = child(container, 'securityContext');
  const value = context?.value ?? {};
  const path = [...container.path, 'securityContext'];
  if (value['allowPrivilegeEscalation'] !== false) {
    const at = [...path, 'allowPrivilegeEscalation'];
    findings.add('privilege_escalation', at, 'it is allowed unless forbidden', 'set it to false');
  }
  const drop = isRecord(value['capabilities']) ? value['capabilities']['drop'] : undefined;
  if (!Array.isArray(drop) || !drop.includes('ALL')) {
    const at = [...path, 'capabilities', 'drop'];
    findings.add('capabilities', at, 'capabilities are kept unless dropped', 'set it to ["ALL"]');
  }
  if ((value['runAsNonRoot'] ?? podContext?.value['runAsNonRoot']) !== true) {
    findings.add('run_as_root', [...path, 'runAsNonRoot'], 'the container may run as root', 'set it to true');
  }
  if (!isSet(value['seccompProfile']) && !isSet(podContext?.value['seccompProfile'])) {
    const hint = 'set it to {type: RuntimeDefault}';
    findings.add('seccomp', [...path, 'seccompProfile'], 'every system call is open unless limited', hint);
  }
}
