import { asObject, asString, at, equalJson, objectsIn } from '../../json.js';
import type { KubeObject } from '../../objects.js';
import type { Causes } from './causes.js';
import { configKeyFaults } from './names.js';
import { validatePodSpec } from './pod-spec.js';

/** Bytes a ConfigMap or Secret may hold. */
const DATA_LIMIT = 1024 * 1024;
const protocols = ['SCTP', 'TCP', 'UDP'];
const serviceTypes = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const podSecurityLevels = ['privileged', 'baseline', 'restricted'];

function validateKeys(data: unknown, field: string, causes: Causes): number {
  let size = 0;
  for (const [key, value] of Object.entries(asObject(data))) {
    configKeyFaults(key).forEach((fault) => {
      causes.invalid(`${field}[${key}]`, key, fault);
    });
    size += String(value).length;
  }
  return size;
}

export function validateConfigMap(map: KubeObject, causes: Causes): void {
  const size =
    validateKeys(map['data'], 'data', causes) + validateKeys(map['binaryData'], 'binaryData', causes);
  if (size > DATA_LIMIT) {
    causes.tooLong('', `may not be more than ${DATA_LIMIT} bytes`);
  }
}

export function validateSecret(secret: KubeObject, causes: Causes): void {
  // Base64 takes four characters for three bytes.
  const size = (validateKeys(secret['data'], 'data', causes) * 3) / 4;
  if (size > DATA_LIMIT) {
    causes.tooLong('data', `may not be more than ${DATA_LIMIT} bytes`);
  }
}

/** `immutable: true` holds for good. */
export function validateDataUpdate(object: KubeObject, old: KubeObject, causes: Causes): void {
  if (old['immutable'] === true) {
    if (object['immutable'] !== true) {
      causes.forbidden('immutable', 'field is immutable when `immutable` is set');
    }
    if (!equalJson(object['data'], old['data'])) {
      causes.forbidden('data', 'field is immutable when `immutable` is set');
    }
  }
  if (object.kind === 'Secret' && object['type'] !== old['type']) {
    causes.invalid('type', object['type'], 'field is immutable');
  }
}

function portFault(value: unknown): boolean {
  return typeof value !== 'number' || value < 1 || value > 65_535;
}

export function validateService(service: KubeObject, causes: Causes): void {
  const spec = asObject(service['spec']);
  const ports = objectsIn(spec['ports']);
  const headless = spec['clusterIP'] === 'None';
  if (ports.length === 0 && !headless && spec['type'] !== 'ExternalName') {
    causes.required('spec.ports');
  }
  const names = new Set<unknown>();
  ports.forEach((port, index) => {
    const path = `spec.ports[${index}]`;
    if (ports.length > 1 && !port['name']) {
      causes.required(`${path}.name`);
    } else if (port['name'] !== undefined && names.has(port['name'])) {
      causes.duplicate(`${path}.name`, port['name']);
    }
    names.add(port['name']);
    const detail = 'must be between 1 and 65535, inclusive';
    if (portFault(port['port'])) {
      causes.invalid(`${path}.port`, port['port'] ?? 0, detail);
    }
    if (!protocols.includes(String(port['protocol']))) {
      causes.unsupported(`${path}.protocol`, port['protocol'], protocols);
    }
    const target = port['targetPort'] ?? 0;
    if (typeof target === 'number' && portFault(target)) {
      causes.invalid(`${path}.targetPort`, target, detail);
    }
  });
  if (!serviceTypes.includes(String(spec['type']))) {
    causes.unsupported('spec.type', spec['type'], serviceTypes);
  }
  if (spec['type'] === 'ExternalName' && !spec['externalName']) {
    causes.required('spec.externalName');
  }
}

export function validateServiceUpdate(service: KubeObject, old: KubeObject, causes: Causes): void {
  const before = asString(at(old, 'spec', 'clusterIP'));
  const now = asString(at(service, 'spec', 'clusterIP'));
  if (before && now !== before && at(service, 'spec', 'type') !== 'ExternalName') {
    causes.invalid('spec.clusterIPs[0]', [now], 'may not change once set');
  }
}

export function validateNamespace(namespace: KubeObject, causes: Causes): void {
  for (const mode of ['enforce', 'audit', 'warn']) {
    const label = `pod-security.kubernetes.io/${mode}`;
    const level = namespace.metadata.labels?.[label];
    if (level !== undefined && !podSecurityLevels.includes(level)) {
      causes.invalid(`metadata.labels[${label}]`, level, `must be one of ${podSecurityLevels.join(', ')}`);
    }
  }
}

export function validatePod(pod: KubeObject, causes: Causes): void {
  validatePodSpec(asObject(pod['spec']), 'spec', causes);
}

/** Of a pod's spec only a few fields may change; images among them. */
export function validatePodUpdate(pod: KubeObject, old: KubeObject, causes: Causes): void {
  const fixed = (spec: unknown) => {
    const {
      activeDeadlineSeconds: _,
      tolerations: __,
      terminationGracePeriodSeconds: ___,
      ...rest
    } = asObject(spec);
    const imageless = (list: unknown) => objectsIn(list).map(({ image: _image, ...container }) => container);
    return {
      ...rest,
      containers: imageless(rest['containers']),
      initContainers: imageless(rest['initContainers']),
    };
  };
  if (!equalJson(fixed(pod['spec']), fixed(old['spec']))) {
    causes.forbidden(
      'spec',
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    );
  }
}

export function validateBinding(binding: KubeObject, causes: Causes): void {
  if (!at(binding, 'roleRef', 'name')) {
    causes.required('roleRef.name');
  }
}

export function validateBindingUpdate(binding: KubeObject, old: KubeObject, causes: Causes): void {
  if (!equalJson(binding['roleRef'], old['roleRef'])) {
    causes.invalid('roleRef', binding['roleRef'], 'cannot change roleRef');
  }
}
