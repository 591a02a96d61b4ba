import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asString, at } from '../../json.js';
import type { PodRuntime } from '../../kubelet-contract.js';
import type { KubeObject } from '../../objects.js';
import { ApiError, badRequest } from '../../store/api-error.js';
import type { Registry } from '../../store/registry.js';
import type { SpecialHandler } from '../router.js';
import { methodNotAllowed } from '../resource-handler.js';
import { chooseContainer, containerStatus } from './container.js';
import { parseLogOptions } from './log-options.js';

const waitingWords: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
};

/** @throws ApiError 404 or 400 when the container has no log (yet). */
function checkHasLog(pod: KubeObject, container: string, previous: boolean): void {
  const status = containerStatus(pod, container);
  const { name } = pod.metadata;
  if (at(pod, 'status', 'startTime') === undefined && status === undefined) {
    // Just bound: the kubelet does not know the pod yet, and the API server passes its 404 on.
    const message = `the server could not find the requested resource ( pods/log ${name})`;
    throw new ApiError(404, 'NotFound', message, { name, kind: 'pods/log' });
  }
  if (status === undefined) {
    throw badRequest(`container "${container}" in pod "${name}" is not available`);
  }
  const last = at(status, 'lastState', 'terminated');
  if (previous) {
    if (last === undefined) {
      throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
    }
    return;
  }
  const ran = at(status, 'state', 'running') !== undefined || at(status, 'state', 'terminated') !== undefined;
  if (!ran && last === undefined) {
    const reason = asString(at(status, 'state', 'waiting', 'reason')) ?? 'ContainerCreating';
    throw badRequest(
      `container "${container}" in pod "${name}" is waiting to start: ${waitingWords[reason] ?? reason}`,
    );
  }
}

/** A followed log comes a line at a time, each in an HTTP chunk of its own. */
async function* byLine(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const bytes of source) {
    for (let from = 0; from < bytes.length;) {
      const newline = bytes.indexOf(10, from);
      const end = newline < 0 ? bytes.length : newline + 1;
      yield bytes.subarray(from, end);
      from = end;
    }
  }
}

/** `GET pods/NAME/log`. */
export function logHandler(registry: Registry, runtime: () => PodRuntime | undefined): SpecialHandler {
  return async (exchange, { namespace, name = '' }) => {
    const { info, response } = exchange;
    if (info.method !== 'GET') {
      throw methodNotAllowed();
    }
    const gone = new AbortController();
    const options = parseLogOptions(info.query, name, gone.signal);
    const pod = registry.existing('pods', namespace, name);
    const container = chooseContainer(pod, info.query.get('container'), true);
    const pods = runtime();
    if (!at(pod, 'spec', 'nodeName') || pods === undefined) {
      response.writeHead(204);
      response.end();
      return;
    }
    checkHasLog(pod, container, options.previous);
    response.on('close', () => {
      gone.abort();
    });
    const source = pods.openLog(pod, container, options);
    response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' });
    response.flushHeaders();
    try {
      await pipeline(
        Readable.from(options.follow ? byLine(source) : source, { objectMode: false }),
        response,
      );
    } catch (error) {
      // A client that went away is no fault of ours.
      if (!gone.signal.aborted) {
        throw error;
      }
    }
  };
}
