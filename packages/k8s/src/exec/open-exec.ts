import type { IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import { errorFromAnswer, KubeApiError, KubeConnectionError } from '../cluster/errors.js';
import type { KubeApi } from '../cluster/kube-api.js';
import { PODS, resourcePath } from '../cluster/resource-path.js';
import { assertDnsLabel } from '../objects/names.js';
import { ExecConnection } from './exec-connection.js';
import { SUBPROTOCOLS } from './protocol.js';

export interface ExecOptions {
  namespace: string;
  pod: string;
  /** Needed when the pod has several. */
  container?: string | undefined;
  /** The program and its arguments; no shell is involved unless it is one. */
  command: readonly string[];
  tty?: boolean | undefined;
  /** Whether the command gets an input; true when left out. */
  stdin?: boolean | undefined;
  /** Milliseconds until the session must be open. */
  handshakeTimeoutMs?: number | undefined;
  /** Milliseconds between pings; proxies cut connections that are silent for a minute. */
  pingIntervalMs?: number | undefined;
}

const HANDSHAKE_TIMEOUT_MS = 15_000;
const PING_INTERVAL_MS = 10_000;
/** A refusal's body; longer ones are cut. */
const MAX_BODY = 64 * 1024;

/**
 * Runs a command in a running container.
 * @throws {KubeApiError} with the server's own words when it refuses: no such container, not running, not allowed
 * @throws {KubeConnectionError | InvalidNameError}
 */
export async function openExec(
  api: KubeApi,
  options: ExecOptions,
  signal?: AbortSignal,
): Promise<ExecConnection> {
  try {
    return await connect(api, options, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof KubeApiError) || error.status !== 401) throw error;
    api.transport.renewCredentials();
    return connect(api, options, signal);
  }
}

async function connect(
  api: KubeApi,
  options: ExecOptions,
  signal: AbortSignal | undefined,
): Promise<ExecConnection> {
  signal?.throwIfAborted();
  const { namespace, pod, container, command, tty = false, stdin = true } = options;
  if (container !== undefined) assertDnsLabel('container', container);
  const path = resourcePath(PODS, { namespace, name: pod, subresource: 'exec' });
  // A terminal has one output: with a TTY the server refuses a separate stderr.
  const query = { container, command, tty, stdin, stdout: true, stderr: !tty };
  const target = await api.transport.webSocketTarget(path, query);
  const socket = new WebSocket(target.url, SUBPROTOCOLS, {
    ...target.options,
    perMessageDeflate: false,
    handshakeTimeout: options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS,
  });
  const { server } = api.transport;
  const connection = new ExecConnection(socket, {
    server,
    tty,
    pingIntervalMs: options.pingIntervalMs ?? PING_INTERVAL_MS,
    signal,
  });
  await opened(socket, connection, { method: 'GET', path });
  return connection;
}

/** Waits for the handshake. Output may arrive right behind it, so the connection listens already. */
function opened(socket: WebSocket, connection: ExecConnection, request: { method: string; path: string }) {
  return new Promise<void>((resolve, reject) => {
    connection.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      void readRefusal(response, request).then((error) => connection.destroy(error));
    });
    socket.once('open', () => {
      connection.off('error', reject);
      resolve();
    });
  });
}

async function readRefusal(
  response: IncomingMessage,
  request: { method: string; path: string },
): Promise<Error> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      const bytes = Buffer.from(chunk);
      chunks.push(bytes);
      if ((size += bytes.length) > MAX_BODY) break;
    }
  } catch (cause) {
    return new KubeConnectionError(request.path, false, 'the refusal broke off', { cause });
  }
  return errorFromAnswer(request, response.statusCode ?? 500, Buffer.concat(chunks).toString());
}
