import { once } from 'node:events';
import { PODS, resourcePath } from '@cloudemy/k8s';
import { WebSocket } from 'ws';
import { type BenchJob, container } from '../stack/bench-job.js';
import type { BenchStack } from '../stack/bench-stack.js';
import type { Terminal } from './terminal.js';

/** Of `v5.channel.k8s.io`: the first byte of every message names the channel. */
const stdin = 0;
const stdout = 1;
/** Milliseconds a shell may take to exit. */
const exitMs = 2_000;

/** A terminal straight from the API server, with nothing in between but a WebSocket: the best there can be. */
export async function openDirect({ cluster, namespace }: BenchStack, { pod }: BenchJob): Promise<Terminal> {
  const path = resourcePath(PODS, { namespace, name: pod, subresource: 'exec' });
  const query = { container, command: ['/bin/sh'], tty: true, stdin: true, stdout: true };
  const target = await cluster.api.transport.webSocketTarget(path, query);
  const socket = new WebSocket(target.url, 'v5.channel.k8s.io', {
    ...target.options,
    perMessageDeflate: false,
  });
  let listener: (bytes: Buffer) => void = () => undefined;
  socket.on('message', (message: Buffer) => {
    if (message[0] === stdout && message.length > 1) listener(message.subarray(1));
  });
  await once(socket, 'open');
  const type = (text: string): void => {
    const bytes = Buffer.from(text);
    socket.send(Buffer.concat([Buffer.of(stdin), bytes]));
  };
  return {
    type,
    listen: (next) => {
      listener = next;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: async () => {
      socket.resume();
      // Hanging up would leave the shell running.
      type('\u0003exit\n');
      const cut = setTimeout(() => socket.terminate(), exitMs);
      if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
      clearTimeout(cut);
    },
  };
}
