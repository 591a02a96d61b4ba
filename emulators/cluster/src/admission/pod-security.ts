import { asArray, asObject, asString, at, isObject, objectsIn } from '../json.js';
import type { JsonObject } from '../json.js';

export type Level = 'privileged' | 'baseline' | 'restricted';

/** Capabilities a baseline pod may add: those of the container runtime's default. */
const baselineCapabilities = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const restrictedVolumes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

function containers(spec: JsonObject): JsonObject[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => objectsIn(spec[list]));
}

function listed(noun: string, names: readonly unknown[]): string {
  const shown = names.map((name) => `"${String(name)}"`);
  return shown.length === 1 ? `${noun} ${shown[0]}` : `${noun}s ${shown.join(', ')}`;
}

function offenders(spec: JsonObject, test: (security: JsonObject) => boolean): unknown[] {
  return containers(spec)
    .filter((container) => test(asObject(container['securityContext'])))
    .map((container) => container['name']);
}

type Check = (spec: JsonObject) => string | undefined;

const hostNamespaces: Check = (spec) => {
  const used = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec[field] === true);
  return used.length === 0
    ? undefined
    : `host namespaces (${used.map((field) => `${field}=true`).join(', ')})`;
};

const privileged: Check = (spec) => {
  const names = offenders(spec, (security) => security['privileged'] === true);
  return names.length === 0
    ? undefined
    : `privileged (${listed('container', names)} must not set securityContext.privileged=true)`;
};

const addedCapabilities: Check = (spec) => {
  const names = offenders(spec, (security) =>
    asArray(at(security, 'capabilities', 'add')).some((name) => !baselineCapabilities.has(String(name))),
  );
  if (names.length === 0) {
    return undefined;
  }
  const added = containers(spec)
    .flatMap((container) => asArray(at(container, 'securityContext', 'capabilities', 'add')))
    .filter((name) => !baselineCapabilities.has(String(name)));
  const shown = [...new Set(added)].map((name) => `"${String(name)}"`).join(', ');
  return `non-default capabilities (${listed('container', names)} must not include ${shown} in securityContext.capabilities.add)`;
};

const hostPaths: Check = (spec) => {
  const names = objectsIn(spec['volumes'])
    .filter((volume) => isObject(volume['hostPath']))
    .map((volume) => volume['name']);
  return names.length === 0 ? undefined : `hostPath volumes (${listed('volume', names)})`;
};

const hostPorts: Check = (spec) => {
  const users = containers(spec).filter((container) =>
    objectsIn(container['ports']).some((port) => port['hostPort']),
  );
  if (users.length === 0) {
    return undefined;
  }
  const ports = users.flatMap((container) => objectsIn(container['ports']).map((port) => port['hostPort']));
  const names = users.map((container) => container['name']);
  return `hostPort (${listed('container', names)} uses hostPort ${ports.filter(Boolean).join(', ')})`;
};

const escalation: Check = (spec) => {
  const names = offenders(spec, (security) => security['allowPrivilegeEscalation'] !== false);
  return names.length === 0
    ? undefined
    : `allowPrivilegeEscalation != false (${listed('container', names)} must set securityContext.allowPrivilegeEscalation=false)`;
};

const capabilities: Check = (spec) => {
  const names = offenders(spec, (security) => !asArray(at(security, 'capabilities', 'drop')).includes('ALL'));
  return names.length === 0
    ? undefined
    : `unrestricted capabilities (${listed('container', names)} must set securityContext.capabilities.drop=["ALL"])`;
};

const volumeTypes: Check = (spec) => {
  const bad = objectsIn(spec['volumes']).flatMap((volume) =>
    Object.keys(volume)
      .filter((key) => key !== 'name' && !restrictedVolumes.has(key))
      .map((type) => ({ name: volume['name'], type })),
  );
  if (bad.length === 0) {
    return undefined;
  }
  const types = [...new Set(bad.map(({ type }) => type))];
  const names = bad.map(({ name }) => name);
  return `restricted volume types (${listed('volume', names)} uses ${listed('restricted volume type', types)})`;
};

const nonRoot: Check = (spec) => {
  const pod = asObject(spec['securityContext'])['runAsNonRoot'];
  const names = offenders(spec, (security) => (security['runAsNonRoot'] ?? pod) !== true);
  return names.length === 0
    ? undefined
    : `runAsNonRoot != true (pod or ${listed('container', names)} must set securityContext.runAsNonRoot=true)`;
};

const rootUser: Check = (spec) => {
  const pod = asObject(spec['securityContext'])['runAsUser'] === 0;
  const names = offenders(spec, (security) => security['runAsUser'] === 0);
  if (!pod && names.length === 0) {
    return undefined;
  }
  const who = [...(pod ? ['pod'] : []), ...(names.length === 0 ? [] : [listed('container', names)])].join(
    ' and ',
  );
  return `runAsUser=0 (${who} must not set runAsUser=0)`;
};

const seccomp: Check = (spec) => {
  const pod = asString(at(spec, 'securityContext', 'seccompProfile', 'type'));
  const names = offenders(spec, (security) => {
    const type = asString(at(security, 'seccompProfile', 'type')) ?? pod;
    return type !== 'RuntimeDefault' && type !== 'Localhost';
  });
  return names.length === 0
    ? undefined
    : `seccompProfile (pod or ${listed('container', names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`;
};

const checks: Readonly<Record<Level, readonly Check[]>> = {
  privileged: [],
  baseline: [hostNamespaces, privileged, addedCapabilities, hostPaths, hostPorts],
  restricted: [
    hostNamespaces,
    privileged,
    hostPorts,
    escalation,
    capabilities,
    volumeTypes,
    nonRoot,
    rootUser,
    seccomp,
  ],
};

/** A label's value as a level; what is unknown is refused when the label is set, and reads as privileged. */
export function levelOf(label: string | undefined): Level {
  return label === 'baseline' || label === 'restricted' ? label : 'privileged';
}

/** What a pod spec does that a level forbids, in the words of the Pod Security admission; '' if nothing. */
export function violations(spec: JsonObject, level: Level): string {
  return checks[level].flatMap((check) => check(spec) ?? []).join(', ');
}
