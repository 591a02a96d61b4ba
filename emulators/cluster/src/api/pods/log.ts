import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asString, at } from '../../json.js';
import type { PodRuntime } from '../../kubelet-contract.js';
import type { KubeObject } from '../../objects.js';
import { badRequest } from '../../store/api-error.js';
import type { Registry } from '../../store/registry.js';
import type { SpecialHandler } from '../router.js';
import { methodNotAllowed } from '../resource-handler.js';
import { chooseContainer, containerStatus } from './container.js';
import { parseLogOptions } from './log-options.js';

const waitingWords: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
};

/** @throws ApiError 400 when the container has no log (yet). */
function checkHasLog(pod: KubeObject, container: string, previous: boolean): void {
  const status = containerStatus(pod, container);
  const { name } = pod.metadata;
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
      await pipeline(Readable.from(source, { objectMode: false }), response);
    } catch (error) {
      // A client that went away is no fault of ours.
      if (!gone.signal.aborted) {
        throw error;
      }
    }
  };
}
