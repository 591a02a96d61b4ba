import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { asObject, asString, at, objectsIn, scalarText } from '../../json.js';
import type { ExecOptions, PodRuntime } from '../../kubelet-contract.js';
import type { Log } from '../../log.js';
import type { KubeObject } from '../../objects.js';
import { ApiError, badRequest } from '../../store/api-error.js';
import type { Registry } from '../../store/registry.js';
import { authorize } from '../auth/authorize.js';
import type { Rbac } from '../auth/rbac.js';
import type { Tokens } from '../auth/tokens.js';
import type { HostGuard } from '../host-guard.js';
import { flag, parseRequest } from '../request-info.js';
import type { ResourceTarget } from '../request-info.js';
import { noSuchResource } from '../router.js';
import type { UpgradeHandler } from '../server.js';
import { toApiError } from '../server.js';
import type { Protocol } from './channels.js';
import { chooseProtocol } from './channels.js';
import { chooseContainer, containerStatus } from './container.js';
import { StreamSession } from './session.js';

/** Bytes of one message of a client. */
const LARGEST_MESSAGE = 16 * 1024 * 1024;

/** A refusal that is no Status, as the kubelet's own. */
class PlainRefusal extends Error {
  readonly code: number;
  readonly text: string;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
    this.text = text;
  }
}

function respond(socket: Duplex, code: number, type: string, body: string): void {
  const head = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}`,
    ...(body === '' ? [] : [`content-type: ${type}`]),
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function isRunning(pod: KubeObject, container: string): boolean {
  return at(containerStatus(pod, container), 'state', 'running') !== undefined;
}

function optionsOf(query: URLSearchParams): ExecOptions {
  const options: ExecOptions = {
    command: query.getAll('command'),
    stdin: flag(query, 'stdin'),
    stdout: flag(query, 'stdout'),
    stderr: flag(query, 'stderr'),
    tty: flag(query, 'tty'),
  };
  if (!options.stdin && !options.stdout && !options.stderr) {
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  }
  if (options.command.length === 0) {
    throw badRequest('you must specify at least one command for the container');
  }
  return options;
}

/** Names where the pod is reached without it: its address and its Services' are addresses of this machine. */
function portForwardRefusal(registry: Registry, pod: KubeObject): ApiError {
  const { namespace = '', labels = {} } = pod.metadata;
  const services = registry.list('services', { namespace }).filter((service) => {
    const selector = Object.entries(asObject(at(service, 'spec', 'selector')));
    return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
  });
  const places = services.flatMap((service) =>
    objectsIn(at(service, 'spec', 'ports')).map(
      ({ port }) =>
        `service ${service.metadata.name} at ${scalarText(at(service, 'spec', 'clusterIP'))}:${scalarText(port)}`,
    ),
  );
  const own = `the pod at ${asString(at(pod, 'status', 'podIP')) ?? 'no address yet'}`;
  return new ApiError(
    501,
    'NotImplemented',
    `this emulator has no port-forward and needs none on its own machine: connect to ${[...places, own].join(', ')}`,
  );
}

export interface UpgradeParts {
  registry: Registry;
  tokens: Tokens;
  rbac: Rbac;
  runtime: () => PodRuntime | undefined;
  guard: HostGuard;
  log: Log;
}

/** exec over WebSocket. */
export function upgradeHandler(parts: UpgradeParts): UpgradeHandler {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_MESSAGE,
    handleProtocols: (offered) => chooseProtocol([...offered].join(',')) || false,
  });

  function accepted(request: IncomingMessage): {
    pod: KubeObject;
    container: string;
    options: ExecOptions;
    runtime: PodRuntime;
    protocol: Protocol;
  } {
    parts.guard(request);
    const { url, admin } = parts.tokens.unlock(request.url ?? '/');
    const user = parts.tokens.authenticate(request.headers.authorization, admin);
    const info = parseRequest(request.method ?? 'GET', url);
    const target: ResourceTarget | undefined = info.target;
    const part = target?.subresource;
    if (target?.resource === 'pods' && part === 'portforward') {
      authorize(parts.rbac, user, { verb: 'create', ...target });
      throw portForwardRefusal(
        parts.registry,
        parts.registry.existing('pods', target.namespace, target.name ?? ''),
      );
    }
    if (target?.resource !== 'pods' || target.group !== '' || part !== 'exec') {
      throw noSuchResource();
    }
    authorize(parts.rbac, user, { verb: 'get', ...target });
    if (!parts.rbac.decide(user, { verb: 'create', ...target }).allowed) {
      const { name = '' } = target;
      throw new ApiError(403, 'Forbidden', `pods "${name}" is forbidden: `, { name, kind: 'pods' });
    }
    const pod = parts.registry.existing('pods', target.namespace, target.name ?? '');
    const options = optionsOf(info.query);
    const container = chooseContainer(pod, info.query.get('container'), false);
    if (!at(pod, 'spec', 'nodeName')) {
      throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
    }
    const runtime = parts.runtime();
    if (runtime === undefined || !isRunning(pod, container)) {
      throw new PlainRefusal(500, `container not found ("${container}")`);
    }
    const protocol = chooseProtocol(request.headers['sec-websocket-protocol']);
    if (protocol === undefined) {
      throw new PlainRefusal(403, '');
    }
    return { pod, container, options, runtime, protocol };
  }

  return (request, socket, head) => {
    try {
      const { pod, container, options, runtime, protocol } = accepted(request);
      server.handleUpgrade(request, socket, head, (websocket) => {
        try {
          const session = runtime.exec(pod, container, options);
          new StreamSession(websocket, session, protocol).run();
        } catch (error) {
          parts.log('error', `exec into ${pod.metadata.name} failed`, error);
          websocket.close(1011);
        }
      });
    } catch (error) {
      if (error instanceof PlainRefusal) {
        respond(socket, error.code, 'text/plain; charset=utf-8', error.text);
        return;
      }
      const refusal = toApiError(error, parts.log, 'upgrade');
      respond(socket, refusal.code, 'application/json', `${JSON.stringify(refusal.toStatus())}\n`);
    }
  };
}

/** exec without the upgrade it needs. */
export const upgradeRequired = (): Promise<void> => Promise.reject(badRequest('Upgrade request required'));
