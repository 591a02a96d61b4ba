import { type At, child, children, type Findings, isOn, isSet, show } from './findings.js';
import { matches, type Policy } from './policy.js';

/** What the contexts of pods and of containers have in common. */
export function checkSharedContext(context: At, policy: Policy, findings: Findings): void {
  checkProfile(context, 'seccompProfile', policy, findings);
  checkProfile(context, 'appArmorProfile', policy, findings);
  checkSelinux(context, findings);
  const windows = child(context, 'windowsOptions');
  if (windows !== undefined && isOn(windows.value['hostProcess'])) {
    const why = 'a host process has the whole node';
    findings.add('windows_host_process', [...windows.path, 'hostProcess'], why, 'remove it');
  }
  if (policy.level === 'restricted' && context.value['runAsUser'] === 0) {
    findings.add('run_as_root', [...context.path, 'runAsUser'], 'user 0 is root', 'use another user id');
  }
  if (policy.level === 'restricted' && context.value['runAsNonRoot'] === false) {
    findings.add(
      'run_as_root',
      [...context.path, 'runAsNonRoot'],
      'the pod may run as root',
      'set it to true',
    );
  }
}

/** What only containers have. */
export function checkContainerContext(context: At, policy: Policy, findings: Findings): void {
  checkSharedContext(context, policy, findings);
  const { value, path } = context;
  if (isOn(value['privileged'])) {
    findings.add(
      'privileged',
      [...path, 'privileged'],
      'a privileged container has the whole node',
      'remove it',
    );
  }
  const mayEscalate = policy.allowPrivilegeEscalation && policy.level === 'baseline';
  if (!mayEscalate && isOn(value['allowPrivilegeEscalation'])) {
    const why = 'the container could gain more rights than it starts with';
    findings.add('privilege_escalation', [...path, 'allowPrivilegeEscalation'], why, 'set it to false');
  }
  if (isSet(value['procMount']) && value['procMount'] !== 'Default') {
    findings.add(
      'proc_mount',
      [...path, 'procMount'],
      '/proc would be unmasked',
      'use Default or leave it out',
    );
  }
  const capabilities = child(context, 'capabilities');
  if (capabilities !== undefined) checkCapabilities(capabilities, policy, findings);
}

function checkCapabilities({ value, path }: At, policy: Policy, findings: Findings): void {
  const allowed = policy.level === 'restricted' ? ['NET_BIND_SERVICE'] : policy.capabilities;
  const add = value['add'];
  if (!isSet(add)) return;
  const added: unknown[] = Array.isArray(add) ? add : [add];
  for (const [index, capability] of added.entries()) {
    if (typeof capability === 'string' && allowed.includes(capability)) continue;
    const why = `the capability ${show(capability)} may not be added`;
    findings.add(
      'capabilities',
      [...path, 'add', index],
      why,
      `allowed are: ${allowed.join(', ') || 'none'}`,
    );
  }
}

const PROFILES = {
  seccompProfile: ['seccomp', 'every system call would be open'],
  appArmorProfile: ['apparmor', 'an unconfined pod may do what AppArmor would stop'],
} as const;

function checkProfile(context: At, field: keyof typeof PROFILES, policy: Policy, findings: Findings): void {
  const profile = child(context, field);
  if (profile === undefined) return;
  const { type, localhostProfile } = profile.value;
  if (type === 'RuntimeDefault') return;
  const [rule, unconfined] = PROFILES[field];
  const remedy =
    policy.level === 'restricted' && rule === 'seccomp'
      ? 'use RuntimeDefault'
      : 'use RuntimeDefault or leave it out';
  if (type !== 'Localhost') {
    findings.add(rule, [...profile.path, 'type'], unconfined, remedy);
  } else if (typeof localhostProfile !== 'string' || !matches(policy.localhostProfiles, localhostProfile)) {
    const why = `the profile ${show(localhostProfile)} of the node could confine nothing`;
    findings.add(rule, [...profile.path, 'localhostProfile'], why, remedy);
  }
}

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];

function checkSelinux(context: At, findings: Findings): void {
  const options = child(context, 'seLinuxOptions');
  if (options === undefined) return;
  for (const key of ['user', 'role'] as const) {
    if (!isSet(options.value[key])) continue;
    findings.add('selinux', [...options.path, key], `the SELinux ${key} may not be chosen`, 'remove it');
  }
  const type = options.value['type'];
  if (isSet(type) && !(typeof type === 'string' && SELINUX_TYPES.includes(type))) {
    const hint = `allowed are: ${SELINUX_TYPES.slice(1).join(', ')}`;
    findings.add(
      'selinux',
      [...options.path, 'type'],
      `the SELinux type ${show(type)} may not be chosen`,
      hint,
    );
  }
}

/** What only pods have. */
export function checkPodContext(context: At, policy: Policy, findings: Findings): void {
  checkSharedContext(context, policy, findings);
  for (const sysctl of children(context, 'sysctls')) {
    const name = sysctl.value['name'];
    if (typeof name === 'string' && matches(policy.sysctls, name)) continue;
    const why = `the kernel parameter ${show(name)} reaches beyond the pod`;
    findings.add('sysctl', [...sysctl.path, 'name'], why, 'remove it');
  }
}
