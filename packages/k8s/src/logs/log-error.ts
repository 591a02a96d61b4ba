import type { KubeApiError } from '../cluster/errors.js';

export type LogUnavailableCode =
  | 'not_scheduled'
  | 'waiting'
  | 'container_required'
  | 'container_unknown'
  | 'no_previous'
  | 'pod_missing';

/** There is no such log, or not yet. */
export class LogUnavailableError extends Error {
  override readonly name = 'LogUnavailableError';
  readonly code: LogUnavailableCode;
  /** Why the container waits, in the kubelet's word (`ContainerCreating`, `ImagePullBackOff`, …). */
  readonly waitingReason: string | undefined;
  /** The containers to choose from. */
  readonly containers: readonly string[];

  constructor(
    code: LogUnavailableCode,
    message: string,
    waitingReason?: string,
    containers: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.waitingReason = waitingReason;
    this.containers = containers;
  }

  /** Whether there may be a log later without anybody doing anything. */
  get canWait(): boolean {
    return this.code === 'not_scheduled' || this.code === 'waiting';
  }
}

/** The kubelet's wording for containers without an image differs from the reason it shows elsewhere. */
const WAITING_REASONS: Readonly<Record<string, string>> = {
  "image can't be pulled": 'ErrImagePull',
  'trying and failing to pull image': 'ImagePullBackOff',
};

/** Sorts a refusal of the log endpoint; what it does not know is returned as it is. */
export function toLogError(error: KubeApiError): Error {
  const { message } = error;
  const options = { cause: error };
  if (error.status === 404 && error.details.kind === 'pods') {
    return new LogUnavailableError('pod_missing', message, undefined, [], options);
  }
  const waiting = /^container "([^"]+)" in pod "[^"]+" is waiting to start: (.+)$/s.exec(message);
  if (waiting !== null) {
    const reason = WAITING_REASONS[waiting[2] ?? ''] ?? waiting[2];
    return new LogUnavailableError('waiting', message, reason, [], options);
  }
  const choice = /^a container name must be specified for pod .*choose one of: \[([^\]]*)\]/.exec(message);
  if (choice !== null) {
    const containers = (choice[1] ?? '').split(/[\s,]+/).filter((name) => name !== '');
    return new LogUnavailableError('container_required', message, undefined, containers, options);
  }
  if (/^container .+ is not valid for pod/.test(message)) {
    return new LogUnavailableError('container_unknown', message, undefined, [], options);
  }
  if (/^previous terminated container .+ not found/.test(message)) {
    return new LogUnavailableError('no_previous', message, undefined, [], options);
  }
  return error;
}
