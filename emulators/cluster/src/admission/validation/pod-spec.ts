import { asArray, asObject, asString, at, isObject, objectsIn, scalarText } from '../../json.js';
import type { JsonObject } from '../../json.js';
import { parseQuantity } from '../../schema/quantity.js';
import type { Causes } from './causes.js';
import { envNameFaults, isPortName, labelFaults, subdomainFaults } from './names.js';

const protocols = ['SCTP', 'TCP', 'UDP'];
const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const restartPolicies = ['Always', 'OnFailure', 'Never'];
const dnsPolicies = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];

function validatePorts(container: JsonObject, path: string, causes: Causes): void {
  const names = new Set<string>();
  objectsIn(container['ports']).forEach((port, index) => {
    const at = `${path}.ports[${index}]`;
    const name = asString(port['name']);
    if (name !== undefined && name !== '') {
      if (!isPortName(name)) {
        causes.invalid(
          `${at}.name`,
          name,
          'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
        );
      } else if (names.has(name)) {
        causes.duplicate(`${at}.name`, name);
      }
      names.add(name);
    }
    const number = port['containerPort'];
    if (number === undefined) {
      causes.required(`${at}.containerPort`);
    } else if (typeof number !== 'number' || number < 1 || number > 65_535) {
      causes.invalid(`${at}.containerPort`, number, 'must be between 1 and 65535, inclusive');
    }
    if (!protocols.includes(asString(port['protocol']) ?? 'TCP')) {
      causes.unsupported(`${at}.protocol`, port['protocol'], protocols);
    }
  });
}

function validateEnv(container: JsonObject, path: string, causes: Causes): void {
  objectsIn(container['env']).forEach((variable, index) => {
    const at = `${path}.env[${index}]`;
    const name = asString(variable['name']) ?? '';
    if (name === '') {
      causes.required(`${at}.name`);
    } else {
      envNameFaults(name).forEach((fault) => {
        causes.invalid(`${at}.name`, name, fault);
      });
    }
    const source = asObject(variable['valueFrom']);
    const sources = Object.keys(source);
    if (variable['valueFrom'] !== undefined && sources.length === 0) {
      causes.invalid(
        `${at}.valueFrom`,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      );
    } else if (sources.length > 0 && variable['value']) {
      causes.invalid(`${at}.valueFrom`, '', 'may not be specified when `value` is not empty');
    }
    for (const kind of ['configMapKeyRef', 'secretKeyRef']) {
      const reference = source[kind];
      if (isObject(reference)) {
        for (const field of ['name', 'key']) {
          if (!reference[field]) {
            causes.required(`${at}.valueFrom.${kind}.${field}`);
          }
        }
      }
    }
  });
}

function validateResources(container: JsonObject, path: string, causes: Causes): void {
  const limits = asObject(at(container, 'resources', 'limits'));
  const requests = asObject(at(container, 'resources', 'requests'));
  for (const [field, amounts] of [
    ['limits', limits],
    ['requests', requests],
  ] as const) {
    for (const [name, amount] of Object.entries(amounts)) {
      if ((parseQuantity(scalarText(amount)) ?? 0) < 0) {
        causes.invalid(`${path}.resources.${field}[${name}]`, amount, 'must be greater than or equal to 0');
      }
    }
  }
  for (const [name, amount] of Object.entries(requests)) {
    const limit = limits[name];
    if (
      limit !== undefined &&
      (parseQuantity(scalarText(amount)) ?? 0) > (parseQuantity(scalarText(limit)) ?? 0)
    ) {
      causes.invalid(
        `${path}.resources.requests`,
        amount,
        `must be less than or equal to ${name} limit of ${scalarText(limit)}`,
      );
    }
  }
}

function validateMounts(
  container: JsonObject,
  path: string,
  volumes: ReadonlySet<string>,
  causes: Causes,
): void {
  const seen = new Set<string>();
  objectsIn(container['volumeMounts']).forEach((mount, index) => {
    const at = `${path}.volumeMounts[${index}]`;
    const name = asString(mount['name']) ?? '';
    const mountPath = asString(mount['mountPath']) ?? '';
    if (name === '') {
      causes.required(`${at}.name`);
    } else if (!volumes.has(name)) {
      causes.notFound(`${at}.name`, name);
    }
    if (mountPath === '') {
      causes.required(`${at}.mountPath`);
    } else if (seen.has(mountPath)) {
      causes.invalid(`${at}.mountPath`, mountPath, 'must be unique');
    }
    seen.add(mountPath);
  });
}

function validateContainer(
  container: JsonObject,
  path: string,
  names: Set<string>,
  volumes: ReadonlySet<string>,
  causes: Causes,
): void {
  const name = asString(container['name']) ?? '';
  if (name === '') {
    causes.required(`${path}.name`);
  } else {
    labelFaults(name).forEach((fault) => {
      causes.invalid(`${path}.name`, name, fault);
    });
    if (names.has(name)) {
      causes.duplicate(`${path}.name`, name);
    }
    names.add(name);
  }
  const image = asString(container['image']) ?? '';
  if (image === '') {
    causes.required(`${path}.image`);
  } else if (image !== image.trim()) {
    causes.invalid(`${path}.image`, image, 'must not have leading or trailing whitespace');
  }
  validatePorts(container, path, causes);
  validateEnv(container, path, causes);
  validateMounts(container, path, volumes, causes);
  const policy = container['imagePullPolicy'];
  if (policy !== undefined && !pullPolicies.includes(scalarText(policy))) {
    causes.unsupported(`${path}.imagePullPolicy`, policy, pullPolicies);
  }
  validateResources(container, path, causes);
}

function validateVolumes(spec: JsonObject, path: string, causes: Causes): Set<string> {
  const names = new Set<string>();
  objectsIn(spec['volumes']).forEach((volume, index) => {
    const at = `${path}.volumes[${index}]`;
    const name = asString(volume['name']) ?? '';
    if (name === '') {
      causes.required(`${at}.name`);
    } else {
      labelFaults(name).forEach((fault) => {
        causes.invalid(`${at}.name`, name, fault);
      });
      if (names.has(name)) {
        causes.duplicate(`${at}.name`, name);
      }
    }
    names.add(name);
    if (Object.keys(volume).filter((key) => key !== 'name').length > 1) {
      causes.forbidden(at, 'may not specify more than 1 volume type');
    }
  });
  return names;
}

/** Checks a pod spec at a path, in the order in which a real server does. */
export function validatePodSpec(
  spec: JsonObject,
  path: string,
  causes: Causes,
  claimed: readonly string[] = [],
): void {
  const volumes = new Set([...validateVolumes(spec, path, causes), ...claimed]);
  const containers = objectsIn(spec['containers']);
  const names = new Set<string>();
  if (containers.length === 0) {
    causes.required(`${path}.containers`);
  }
  containers.forEach((container, index) => {
    validateContainer(container, `${path}.containers[${index}]`, names, volumes, causes);
  });
  objectsIn(spec['initContainers']).forEach((container, index) => {
    validateContainer(container, `${path}.initContainers[${index}]`, names, volumes, causes);
  });
  const restart = spec['restartPolicy'];
  if (!restartPolicies.includes(scalarText(restart))) {
    causes.unsupported(`${path}.restartPolicy`, restart, restartPolicies);
  }
  const dns = spec['dnsPolicy'];
  if (!dnsPolicies.includes(scalarText(dns))) {
    causes.unsupported(`${path}.dnsPolicy`, dns, dnsPolicies);
  }
  const account = asString(spec['serviceAccountName']);
  if (account) {
    subdomainFaults(account).forEach((fault) => {
      causes.invalid(`${path}.serviceAccountName`, account, fault);
    });
  }
  for (const field of ['terminationGracePeriodSeconds', 'activeDeadlineSeconds'] as const) {
    const value = spec[field];
    const least = field === 'activeDeadlineSeconds' ? 1 : 0;
    if (typeof value === 'number' && value < least) {
      const detail =
        least === 1 ? 'must be between 1 and 2147483647, inclusive' : 'must be greater than or equal to 0';
      causes.invalid(`${path}.${field}`, value, detail);
    }
  }
}

/** Warnings about environment variables that hide each other. */
export function envWarnings(spec: JsonObject, path: string): string[] {
  const warnings: string[] = [];
  for (const list of ['initContainers', 'containers']) {
    asArray(spec[list]).forEach((container, index) => {
      const seen = new Set<unknown>();
      objectsIn(at(container, 'env')).forEach((variable, position) => {
        const name = variable['name'];
        if (seen.has(name)) {
          warnings.push(
            `${path}.${list}[${index}].env[${position}]: hides previous definition of "${scalarText(name)}", which may be dropped when using apply`,
          );
        }
        seen.add(name);
      });
    });
  }
  return warnings;
}
