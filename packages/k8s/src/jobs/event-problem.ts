import type { Job, KubeEvent, Pod } from '../objects/types.js';
import type { Problem } from './outcome.js';
import { describeMissing, imagePull } from './waiting.js';

/**
 * What the events say about troubles that no status shows: pods that were never created, volumes that
 * cannot be mounted. The newest event that means something decides.
 * @param about only events of this object; all of them when left out
 */
export function findEventProblem(events: readonly KubeEvent[], about?: Job | Pod): Problem | undefined {
  const relevant = events.filter(
    (event) => event.type === 'Warning' && (about === undefined || concerns(event, about)),
  );
  for (const event of relevant.toSorted((a, b) => timeOf(b) - timeOf(a))) {
    const problem = eventProblem(event);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Whether an event is about this very object, not one of the same name before it. */
function concerns(event: KubeEvent, about: Job | Pod): boolean {
  const { uid, name } = event.involvedObject;
  return uid === undefined ? name === about.metadata.name : uid === about.metadata.uid;
}

function timeOf(event: KubeEvent): number {
  const text = event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp;
  return text === undefined ? 0 : Date.parse(text);
}

function eventProblem(event: KubeEvent): Problem | undefined {
  const message = (event.message ?? '').replace(/^\(combined from similar events\): /, '').trim();
  switch (event.reason) {
    case 'FailedCreate':
      return podRefused(message);
    case 'FailedMount':
    case 'FailedAttachVolume':
      return (
        describeMissing(message) ?? {
          reason: 'volume_not_mounted',
          message: `a volume of the pod cannot be mounted: ${message}`,
          canHeal: true,
        }
      );
    case 'InspectFailed': {
      const image = /couldn't parse image name "([^"]+)"/.exec(message)?.[1] ?? '';
      return {
        reason: 'image_name_invalid',
        message: `the image name "${image}" is not valid`,
        canHeal: false,
      };
    }
    case 'Failed': {
      const image = /^Failed to pull image "([^"]+)"/.exec(message)?.[1];
      return image === undefined
        ? undefined
        : imagePull(image, message.replace(/^Failed to pull image "[^"]+": /, ''));
    }
    default:
      return undefined;
  }
}

function podRefused(message: string): Problem {
  const words = message.replace(/^Error creating: /, '').replace(/^pods "[^"]*" is forbidden: /, '');
  const account = /serviceaccount "([^"]+)" not found/.exec(words)?.[1];
  if (account !== undefined) {
    return {
      reason: 'service_account_missing',
      message: `the pod could not be created: the ServiceAccount "${account}" does not exist`,
      canHeal: true,
    };
  }
  if (/exceeded quota|failed quota/.test(words)) {
    return {
      reason: 'quota_exceeded',
      message: `the pod could not be created: ${words}`,
      canHeal: true,
    };
  }
  if (/is forbidden|violates PodSecurity|admission webhook|denied the request/.test(message)) {
    return {
      reason: 'admission_refused',
      message: `the cluster's rules do not allow the pod: ${words}`,
      canHeal: false,
    };
  }
  return { reason: 'pod_not_created', message: `the pod could not be created: ${words}`, canHeal: true };
}
