import { describeStartFault } from './exit-code.js';
import type { Problem } from './outcome.js';

/**
 * Why a container waits, from the kubelet's reason and message; undefined when it merely has not begun
 * (`ContainerCreating`, `PodInitializing`).
 */
export function describeWaiting(
  what: string,
  image: string,
  waiting: { reason?: string; message?: string },
): Problem | undefined {
  const message = waiting.message ?? '';
  switch (waiting.reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'ImageInspectError':
    case 'RegistryUnavailable':
    case 'SignatureValidationFailed':
      return imagePull(image, message);
    case 'InvalidImageName':
      return {
        reason: 'image_name_invalid',
        message: `the image name ${JSON.stringify(image)} is not valid`,
        canHeal: false,
      };
    case 'ErrImageNeverPull':
      return {
        reason: 'image_not_present',
        message: `the image ${JSON.stringify(image)} is not on the node, and its pull policy is Never`,
        canHeal: true,
      };
    case 'CreateContainerConfigError':
      return describeMissing(message) ?? configError(what, message);
    case 'CreateContainerError':
      return describeMissing(message) ?? { ...describeStartFault(what, message), canHeal: true };
    case 'RunContainerError':
      return { ...describeStartFault(what, message), canHeal: true };
    case 'PostStartHookError':
    case 'PreCreateHookError':
    case 'PreStartHookError':
      return { reason: 'start_error', message: `${what} could not be started: ${message}`, canHeal: true };
    case 'CrashLoopBackOff':
      return { reason: 'crash_loop', message: `${what} keeps failing and is being restarted`, canHeal: true };
    default:
      return undefined;
  }
}

/** Pulling an image failed: the registry's words sorted into what can be done about them. */
export function imagePull(image: string, message: string): Problem {
  const why = pullFault(message);
  return {
    reason: 'image_pull_failed',
    message: `the image ${JSON.stringify(image)} could not be pulled${why === '' ? '' : `: ${why}`}`,
    canHeal: true,
  };
}

function pullFault(message: string): string {
  if (/no such host|connection refused|i\/o timeout|TLS handshake|network is unreachable/i.test(message)) {
    return 'its registry could not be reached';
  }
  if (/toomanyrequests|429 Too Many|rate limit/i.test(message))
    return 'its registry limits how often it is asked';
  if (/unauthorized|denied|forbidden|authentication required/i.test(message)) {
    return 'its registry refused access, or there is no such image';
  }
  if (/not found|manifest unknown/i.test(message)) return 'there is no such image or tag';
  if (/no match for platform|no matching manifest/i.test(message))
    return 'it does not exist for this processor';
  return message.trim().slice(0, 300);
}

/** A Secret or ConfigMap, or a key in one, that is not there; undefined when the message is about neither. */
export function describeMissing(message: string): Problem | undefined {
  const object = /(secret|configmap) "([^"]+)" not found/i.exec(message);
  if (object !== null) return missing(object[1] ?? '', `${object[2] ?? ''}" does not exist`);
  const key = /couldn't find key (\S+) in (Secret|ConfigMap) (?:\S+\/)?(\S+)/i.exec(message);
  if (key !== null) return missing(key[2] ?? '', `${key[3] ?? ''}" has no key "${key[1] ?? ''}"`);
  const referenced = /references non-existent (secret|config) key: (\S+)/i.exec(message);
  if (referenced !== null) {
    const isSecret = referenced[1]?.toLowerCase() === 'secret';
    return {
      reason: isSecret ? 'secret_missing' : 'config_map_missing',
      message: `a volume refers to the key "${referenced[2] ?? ''}", which its ${isSecret ? 'Secret' : 'ConfigMap'} has not`,
      canHeal: true,
    };
  }
  return undefined;
}

function missing(kind: string, fault: string): Problem {
  const isSecret = kind.toLowerCase() === 'secret';
  return {
    reason: isSecret ? 'secret_missing' : 'config_map_missing',
    message: `the ${isSecret ? 'Secret' : 'ConfigMap'} "${fault}`,
    canHeal: true,
  };
}

function configError(what: string, message: string): Problem {
  return {
    reason: 'container_config_invalid',
    message: `${what} cannot be created: ${message.trim().slice(0, 300)}`,
    // The image's user is part of the image: waiting does not change it.
    canHeal: !/runAsNonRoot|run as root/i.test(message),
  };
}
