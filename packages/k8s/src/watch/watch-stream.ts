import { errorFromAnswer, KubeApiError, KubeConnectionError } from '../cluster/errors.js';
import type { KubeApi } from '../cluster/kube-api.js';
import { isRecord } from '../objects/is-record.js';
import type { KubeObject } from '../objects/types.js';
import { readJsonLines } from './json-lines.js';

export interface WatchEvent<T extends KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  /** Of a BOOKMARK only `metadata.resourceVersion` is there. */
  object: T;
}

export interface WatchStreamOptions {
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  resourceVersion: string;
  /** Milliseconds after which the watch ends in order: the server is asked to end it, and we do if it does not. */
  endAfterMs: number;
  /** Milliseconds without a byte after which the connection is taken for dead. */
  silenceTimeoutMs: number;
  signal: AbortSignal;
  onOpen?: (() => void) | undefined;
}

/**
 * One watch request, from its answer to its end; events that arrived together come together. The generator returns when its time is over or the server
 * ends it in order.
 * @throws {KubeApiError} also for an ERROR event (410: the version is too old)
 * @throws {KubeConnectionError} when the connection broke or fell silent
 */
export async function* openWatch<T extends KubeObject>(
  api: KubeApi,
  path: string,
  options: WatchStreamOptions,
): AsyncGenerator<WatchEvent<T>[]> {
  const { labelSelector, fieldSelector, resourceVersion, endAfterMs, signal } = options;
  const query = {
    watch: true,
    allowWatchBookmarks: true,
    labelSelector,
    fieldSelector,
    resourceVersion,
    timeoutSeconds: Math.max(1, Math.ceil(endAfterMs / 1000)),
  };
  const { body } = await api.stream(path, { query, signal });
  const silence = setTimeout(() => {
    const what = `GET ${path}: the watch was silent for ${options.silenceTimeoutMs} ms`;
    body.destroy(new KubeConnectionError(api.transport.server, true, what));
  }, options.silenceTimeoutMs);
  let isOver = false;
  const end = setTimeout(() => {
    isOver = true;
    body.destroy();
  }, endAfterMs);
  options.onOpen?.();
  try {
    for await (const lines of readJsonLines(body)) {
      silence.refresh();
      yield lines.map((line) => toEvent<T>(path, line));
    }
  } catch (error) {
    signal.throwIfAborted();
    if (isOver) return;
    if (error instanceof KubeApiError || error instanceof KubeConnectionError) throw error;
    const what = `GET ${path}: the watch broke: ${String(error)}`;
    throw new KubeConnectionError(api.transport.server, false, what, { cause: error });
  } finally {
    clearTimeout(silence);
    clearTimeout(end);
    body.destroy();
  }
}

function toEvent<T extends KubeObject>(path: string, line: unknown): WatchEvent<T> {
  if (isEvent<T>(line)) return line;
  const status = isRecord(line) ? line['object'] : undefined;
  const code = isRecord(status) && typeof status['code'] === 'number' ? status['code'] : 500;
  throw errorFromAnswer({ method: 'GET', path }, code, JSON.stringify(status ?? null));
}

function isEvent<T extends KubeObject>(line: unknown): line is WatchEvent<T> {
  if (!isRecord(line) || !isRecord(line['object']) || !isRecord(line['object']['metadata'])) return false;
  return ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'].includes(String(line['type']));
}
