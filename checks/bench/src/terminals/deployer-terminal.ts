import { once } from 'node:events';
import { TerminalServerFrame, terminalSubprotocols, terminalWindowBytes } from '@cloudemy/contracts';
import { WebSocket } from 'ws';
import type { BenchJob } from '../stack/bench-job.js';
import type { BenchStack } from '../stack/bench-stack.js';
import type { Terminal } from './terminal.js';

export type Subprotocol = keyof typeof terminalSubprotocols;

/** Bytes read before they are acknowledged: often enough for the window never to be empty. */
const acknowledgeBytes = terminalWindowBytes / 8;

/** A terminal as clients of the deployer have it. */
export async function openThroughDeployer(
  { deployer, namespace }: BenchStack,
  { name }: BenchJob,
  subprotocol: Subprotocol,
): Promise<Terminal> {
  const session = await deployer.createTerminal({ body: { job_name: name, namespace, shell: '/bin/sh' } });
  const socket = new WebSocket(session.websocket_url, terminalSubprotocols[subprotocol], {
    perMessageDeflate: false,
  });
  let listener: (bytes: Buffer) => void = () => undefined;
  let unacknowledged = 0;
  socket.on('message', (message: Buffer, isBinary: boolean) => {
    const bytes = isBinary ? message : outputOf(message);
    if (bytes === undefined) return;
    listener(bytes);
    if (!isBinary) return;
    unacknowledged += bytes.length;
    if (unacknowledged < acknowledgeBytes) return;
    socket.send(JSON.stringify({ type: 'ack', bytes: unacknowledged }));
    unacknowledged = 0;
  });
  await once(socket, 'open');
  return {
    type: (text) => {
      socket.send(
        subprotocol === 'binary' ? Buffer.from(text) : JSON.stringify({ type: 'input', data: text }),
      );
    },
    listen: (next) => {
      listener = next;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: async () => {
      await deployer.endTerminal({ params: { session_id: session.session_id } });
      socket.resume();
      if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
    },
  };
}

/**
 * The output in a JSON frame; undefined for frames of other types. No more is checked than a page would.
 *
 * @throws Error for an error or an exit: nothing may go wrong in a benchmark
 */
function outputOf(message: Buffer): Buffer | undefined {
  const frame: unknown = JSON.parse(message.toString());
  if (isOutput(frame)) return Buffer.from(frame.data);
  const other = TerminalServerFrame.parse(frame);
  if (other.type === 'ready' || other.type === 'pong') return undefined;
  if (other.type === 'exit' && other.reason === 'session_ended') return undefined;
  throw new Error(`the terminal failed: ${'message' in other ? other.message : other.type}`);
}

const isOutput = (frame: unknown): frame is { data: string } =>
  typeof frame === 'object' &&
  frame !== null &&
  'type' in frame &&
  frame.type === 'output' &&
  'data' in frame &&
  typeof frame.data === 'string';
