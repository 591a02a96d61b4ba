import { connect } from 'node:net';
import type { KubeletContext } from '../context.js';
import type { ContainerRun } from '../container/container-run.js';
import { at } from '../../json.js';
import { runToEnd } from '../exec/run-to-end.js';
import type { Container, Handler, Pod } from '../pod.js';

function portNumber(container: Container, port: number | string): number {
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  return named ?? Number(port);
}

async function get(
  address: string,
  container: Container,
  handler: NonNullable<Handler['httpGet']>,
  signal: AbortSignal,
): Promise<void> {
  const scheme = (handler.scheme ?? 'HTTP').toLowerCase();
  const host = handler.host ?? address;
  const place = `${host}:${portNumber(container, handler.port)}`;
  const url = new URL(handler.path ?? '/', `${scheme}://${place}`);
  let response: Response;
  try {
    response = await fetch(url, { signal, redirect: 'manual' });
  } catch (error) {
    const late = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
    const why = signal.aborted ? late : dialFailure(place, error);
    throw new Error(`Get "${url.href}": ${why}`, { cause: error });
  }
  await response.body?.cancel();
  if (response.status >= 400) {
    throw new Error(`HTTP probe failed with statuscode: ${response.status}`);
  }
}

/** Why nobody answered at `place`, in the words of Go. */
function dialFailure(place: string, error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = at(cause, 'code');
  if (code === 'ECONNREFUSED') {
    return `dial tcp ${place}: connect: connection refused`;
  }
  return cause instanceof Error ? cause.message : String(cause);
}

async function dial(
  address: string,
  container: Container,
  handler: NonNullable<Handler['tcpSocket']>,
  signal: AbortSignal,
): Promise<void> {
  const port = portNumber(container, handler.port);
  const host = handler.host ?? address;
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', (error) =>
      reject(
        new Error(
          signal.aborted ? `dial tcp ${host}:${port}: i/o timeout` : dialFailure(`${host}:${port}`, error),
          { cause: error },
        ),
      ),
    );
  });
}

/** Does what a probe asks for. @throws Error with a kubelet's words when it fails. */
export async function runHandler(
  context: KubeletContext,
  pod: Pod,
  run: ContainerRun,
  container: Container,
  handler: Handler,
  signal: AbortSignal,
): Promise<void> {
  if (handler.exec !== undefined) {
    const { exitCode, output } = await runToEnd(context.isolation, run, handler.exec.command, signal);
    if (exitCode !== 0) {
      throw new Error(output === '' ? `command exited with ${exitCode}` : output);
    }
  } else if (handler.httpGet !== undefined) {
    await get(context.network.addressOf(pod), container, handler.httpGet, signal);
  } else if (handler.tcpSocket !== undefined) {
    await dial(context.network.addressOf(pod), container, handler.tcpSocket, signal);
  }
}
