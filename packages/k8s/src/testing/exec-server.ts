import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { refuse, type ScriptedServer, startScriptedServer } from './scripted-server.js';

export interface ExecServer extends ScriptedServer {
  /** The query of each session. */
  queries: URLSearchParams[];
}

/** A session on the server's side. */
export interface ExecSession {
  socket: WebSocket;
  query: URLSearchParams;
  send(channel: number, payload: string | Buffer): void;
  /** Ends the session as a Kubernetes server does: the status, then a close frame. */
  exit(status: object): void;
  /** The next message: channel and payload. */
  next(): Promise<{ channel: number; payload: Buffer }>;
}

/**
 * Speaks the server's side of the remote command protocol, as recorded from Kubernetes 1.36: an empty stdout
 * message first, a status message and close frame 1000 last.
 */
export async function startExecServer(
  onSession: (session: ExecSession) => void | Promise<void>,
  options: { protocols?: readonly string[]; refuseWith?: number } = {},
): Promise<ExecServer> {
  const { protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'], refuseWith } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
  });
  const queries: URLSearchParams[] = [];
  const server = await startScriptedServer((_, response) => {
    refuse(response, refuseWith ?? 400, 'Forbidden', 'pods "p" is forbidden: ');
  });
  if (refuseWith === undefined) {
    server.server.on('upgrade', (request: IncomingMessage, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const { searchParams } = new URL(request.url ?? '', 'http://server');
        queries.push(searchParams);
        webSocket.send(Buffer.of(1));
        void onSession(toSession(webSocket, searchParams));
      });
    });
  }
  return {
    ...server,
    queries,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      await server.close();
    },
  };
}

function toSession(socket: WebSocket, query: URLSearchParams): ExecSession {
  const received: Buffer[] = [];
  socket.on('message', (data: Buffer) => {
    received.push(data);
    socket.emit('received');
  });
  return {
    socket,
    query,
    send: (channel, payload) => socket.send(Buffer.concat([Buffer.of(channel), Buffer.from(payload)])),
    exit(status) {
      this.send(3, JSON.stringify(status));
      socket.close(1000);
    },
    async next() {
      while (received.length === 0) await once(socket, 'received');
      const message = received.shift() ?? Buffer.of();
      return { channel: message[0] ?? -1, payload: message.subarray(1) };
    },
  };
}
