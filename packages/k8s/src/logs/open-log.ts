import type { Readable } from 'node:stream';
import { KubeApiError } from '../cluster/errors.js';
import type { KubeApi } from '../cluster/kube-api.js';
import { PODS, resourcePath } from '../cluster/resource-path.js';
import { assertDnsLabel } from '../objects/names.js';
import { LogUnavailableError, toLogError } from './log-error.js';

export interface LogOptions {
  namespace: string;
  pod: string;
  /** Needed when the pod has several. */
  container?: string | undefined;
  /** Go on as lines are written, until the container ends. A restart is not followed. */
  follow?: boolean | undefined;
  /** Only the last so many lines. The server counts pieces of 16 KiB of longer lines. */
  tailLines?: number | undefined;
  /** Only lines since so many seconds ago; at least 1, and not together with `sinceTime`. */
  sinceSeconds?: number | undefined;
  /** Only lines since this instant (RFC 3339), itself included. */
  sinceTime?: string | undefined;
  /** The run before the container's last restart. */
  previous?: boolean | undefined;
  /** Each line begins with its time (RFC 3339, nanoseconds) and a space. */
  timestamps?: boolean | undefined;
  /** At most so many bytes; may cut a line. */
  limitBytes?: number | undefined;
}

/**
 * A container's log as a stream of bytes, just as the server sends it. It ends when the log does; it fails when
 * the connection breaks. A reader that pauses slows the server down; destroying the stream, or aborting the
 * signal, hangs up.
 * @throws {LogUnavailableError} when there is no log yet, or the container must be named
 * @throws {KubeApiError | KubeConnectionError | InvalidNameError}
 */
export async function openLog(api: KubeApi, options: LogOptions, signal?: AbortSignal): Promise<Readable> {
  const { namespace, pod, container, ...rest } = options;
  if (container !== undefined) assertDnsLabel('container', container);
  const path = resourcePath(PODS, { namespace, name: pod, subresource: 'log' });
  try {
    const { status, body } = await api.stream(path, { query: { container, ...rest }, signal });
    if (status !== 204) return body;
    body.destroy();
    throw new LogUnavailableError('not_scheduled', `pod ${pod} waits for a node: there is no log yet`);
  } catch (error) {
    throw error instanceof KubeApiError ? toLogError(error) : error;
  }
}
