import type { Socket } from 'node:net';
import { encode } from '../bson/document.js';
import { type Environment, runCommand } from '../commands/router.js';
import { CommandError, errorReply } from '../errors.js';
import { MessageSplitter, ProtocolError } from './framing.js';
import { buildReply, parseMessage } from './message.js';

/**
 * Serves one client: its commands run in the order they came. A peer that does not speak the protocol is
 * disconnected.
 */
export function serveConnection(socket: Socket, environment: Environment): void {
  const splitter = new MessageSplitter();
  let replies = 0;
  let queue: Promise<void> = Promise.resolve();

  const answer = async (message: Buffer): Promise<void> => {
    try {
      const request = parseMessage(message);
      const reply = await runCommand(environment, request.command);
      if (request.wantsReply) await send(socket, buildReply(request, reply, ++replies));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const request = { requestId: message.readInt32LE(4), kind: 'msg' } as const;
      await send(socket, buildReply(request, encode(errorReply(error)), ++replies));
    }
  };
  const disconnect = (error: unknown): void => {
    const reason = error instanceof Error ? error.message : String(error);
    environment.log(`connection ${environment.connectionId} closed: ${reason}`);
    socket.destroy();
  };

  socket.on('data', (chunk: Buffer) => {
    try {
      for (const message of splitter.push(chunk)) {
        queue = queue.then(() => (socket.destroyed ? undefined : answer(message))).catch(disconnect);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      disconnect(error);
    }
  });
  // A reset by the peer ends in 'close'; there is nothing to tell anyone.
  socket.on('error', () => socket.destroy());
}

/** Resolves when the client has taken enough for the next answer, so that a slow reader does not fill the memory. */
function send(socket: Socket, bytes: Buffer): Promise<void> {
  if (!socket.writable || socket.write(bytes)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}
