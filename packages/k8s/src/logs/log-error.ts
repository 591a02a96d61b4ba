import type { KubeApiError } from '../cluster/errors.js';

export type LogUnavailableCode =
  /** The pod waits for a node. */
  | 'not_scheduled'
  /** The container has not begun to run. */
  | 'waiting'
  /** The pod's node does not answer. */
  | 'node_unavailable'
  /** Its node answers but does not know the pod: it was just bound, or the kubelet has just come back. */
  | 'pod_unknown'
  /** The node has no log of the container: it never ran, was evicted, or its runtime has lost it or is down. */
  | 'log_lost'
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
    return ['not_scheduled', 'waiting', 'node_unavailable', 'pod_unknown'].includes(this.code);
  }
}

/** The kubelet's wording for containers without an image differs from the reason it shows elsewhere. */
const WAITING_REASONS: Readonly<Record<string, string>> = {
  "image can't be pulled": 'ErrImagePull',
  'trying and failing to pull image': 'ImagePullBackOff',
};

/**
 * What the API server and the kubelet say instead of a log, word for word
 * (`validateContainerLogStatus` in k8s.io/kubernetes/pkg/kubelet/kubelet_pods.go, `LogLocation` in
 * pkg/registry/core/pod/strategy.go).
 */
const WORDINGS: readonly (readonly [RegExp, LogUnavailableCode])[] = [
  // The kubelet's own 404, for a pod it has not heard of.
  [/^the server could not find the requested resource \( ?pods\/log /, 'pod_unknown'],
  [/^pod "[^"]+" not found/, 'pod_unknown'],
  [/^container "[^"]+" in pod "[^"]+" is waiting to start/, 'waiting'],
  [/^container "[^"]+" in pod "[^"]+" is not available/, 'waiting'],
  [/^container "[^"]+" in pod "[^"]+" is terminated/, 'log_lost'],
  [/^previous terminated container .+ not found/, 'no_previous'],
  [/^container .+ is not valid for pod/, 'container_unknown'],
  [/^a container name must be specified for pod /, 'container_required'],
];

/** Sorts a refusal of the log endpoint; what it does not know is returned as it is. */
export function toLogError(error: KubeApiError): Error {
  const { message } = error;
  const options = { cause: error };
  if (error.status === 404 && error.details.kind === 'pods') {
    return new LogUnavailableError('pod_missing', message, undefined, [], options);
  }
  if (error.isNodeUnreachable) {
    // The API server's words name the address of the node, which is nobody's business outside.
    const words = 'the node that the pod runs on does not answer';
    return new LogUnavailableError('node_unavailable', words, undefined, [], options);
  }
  const code = WORDINGS.find(([words]) => words.test(message))?.[1];
  if (code === undefined) return error;
  const waiting = / is waiting to start: (.+)$/s.exec(message)?.[1];
  const choice = /choose one of: \[([^\]]*)\]/.exec(message)?.[1] ?? '';
  return new LogUnavailableError(
    code,
    message,
    WAITING_REASONS[waiting ?? ''] ?? waiting,
    choice.split(/[\s,]+/).filter((name) => name !== ''),
    options,
  );
}
