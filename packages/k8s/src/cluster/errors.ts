import { isRecord } from '../objects/is-record.js';
import type { StatusCause, StatusDetails } from '../objects/types.js';

/** The API server answered, and the answer was no. */
export class KubeApiError extends Error {
  override readonly name = 'KubeApiError';
  /** HTTP status. */
  readonly status: number;
  /** The server's word for it (`NotFound`, `AlreadyExists`, `Invalid`, …); empty when it gave none. */
  readonly reason: string;
  readonly details: StatusDetails;
  /** Seconds the server asked to wait before another try. */
  readonly retryAfter: number | undefined;
  readonly method: string;
  readonly path: string;

  constructor(answer: {
    status: number;
    reason: string;
    message: string;
    details?: StatusDetails | undefined;
    retryAfter?: number | undefined;
    method: string;
    path: string;
    cause?: unknown;
  }) {
    super(answer.message, answer.cause === undefined ? undefined : { cause: answer.cause });
    this.status = answer.status;
    this.reason = answer.reason;
    this.details = answer.details ?? {};
    this.retryAfter = answer.retryAfter;
    this.method = answer.method;
    this.path = answer.path;
  }

  /**
   * Whether the API server could not reach the kubelet of a node for this (logs, exec, port-forward). It then answers
   * with what its HTTP client said, the address of the kubelet included: `Get "https://10.0.0.7:10250/containerLogs/…":
   * dial tcp 10.0.0.7:10250: connect: connection refused`.
   */
  get isNodeUnreachable(): boolean {
    return this.status >= 500 && /\/containerLogs\/|error dialing backend|:10250\b/.test(this.message);
  }

  /**
   * Whether the same request may succeed later without anybody changing it: the server is overloaded or has a fault of its
   * own, or does not accept our credentials, which are renewed while we run.
   */
  get isTransient(): boolean {
    return this.status === 401 || this.status === 429 || this.status >= 500;
  }
}

/** No answer came: the server cannot be reached, the connection broke, or time ran out. */
export class KubeConnectionError extends Error {
  override readonly name = 'KubeConnectionError';
  readonly server: string;
  /** True when the server did not answer within the request's time. */
  readonly timedOut: boolean;
  /** What happened, without the server's address: fit to be told to users, where that may be a secret. */
  readonly what: string;

  constructor(server: string, timedOut: boolean, what: string, options?: ErrorOptions) {
    super(`${what} (${server})`, options);
    this.server = server;
    this.timedOut = timedOut;
    this.what = what;
  }
}

/** The cluster cannot even be tried: no kubeconfig, an unreadable one, an unknown context. */
export class ClusterConfigError extends Error {
  override readonly name = 'ClusterConfigError';
}

/** Whether an error is the API server's 404. */
export function isNotFound(error: unknown): error is KubeApiError {
  return error instanceof KubeApiError && error.status === 404;
}

/** Whether an error says that an object of that name exists already. */
export function isAlreadyExists(error: unknown): error is KubeApiError {
  return error instanceof KubeApiError && error.status === 409 && error.reason === 'AlreadyExists';
}

/** Whether an error says that the object changed since it was read. */
export function isConflict(error: unknown): error is KubeApiError {
  return error instanceof KubeApiError && error.status === 409 && error.reason === 'Conflict';
}

/** Whether a list or watch began at a version the server no longer has. */
export function isGone(error: unknown): error is KubeApiError {
  return error instanceof KubeApiError && error.status === 410;
}

/**
 * Turns a refusal into an error. The body is a Status object as a rule, but plain text for an unknown
 * API group, from proxies in between, and from the kubelet.
 */
export function errorFromAnswer(
  request: { method: string; path: string },
  status: number,
  body: string,
  retryAfterHeader?: string,
): KubeApiError {
  const answer = parseStatus(body);
  const details = answer === undefined ? {} : readDetails(answer['details']);
  const seconds = details.retryAfterSeconds ?? Number(retryAfterHeader ?? Number.NaN);
  const text = body.trim().slice(0, 500);
  return new KubeApiError({
    ...request,
    status,
    reason: readString(answer?.['reason']) ?? '',
    message:
      readString(answer?.['message']) ??
      (text === '' || answer !== undefined ? `the server answered ${status}` : text),
    details,
    retryAfter: Number.isFinite(seconds) ? seconds : undefined,
  });
}

function parseStatus(body: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function readString(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function readDetails(value: unknown): StatusDetails {
  if (!isRecord(value)) return {};
  const details: StatusDetails = {};
  for (const key of ['name', 'group', 'kind', 'uid'] as const) {
    const text = readString(value[key]);
    if (text !== undefined) details[key] = text;
  }
  const seconds = value['retryAfterSeconds'];
  if (typeof seconds === 'number') details.retryAfterSeconds = seconds;
  if (Array.isArray(value['causes'])) {
    details.causes = value['causes'].filter((cause) => isRecord(cause)).map((cause) => readCause(cause));
  }
  return details;
}

function readCause(value: Record<string, unknown>): StatusCause {
  const cause: StatusCause = {};
  for (const key of ['field', 'message', 'reason'] as const) {
    const text = readString(value[key]);
    if (text !== undefined) cause[key] = text;
  }
  return cause;
}
