import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http';
import { once } from 'node:events';
import { portOf } from '@cloudemy/testing';

/** A message as it arrived. */
export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** How a target of messages answers. */
export type Answer = (res: ServerResponse, message: Received) => void;

export const taken: Answer = (res) => res.writeHead(204).end();

/** A target on this machine that keeps what it is sent. */
export async function startReceiver(answer: Answer = taken) {
  const received: Received[] = [];
  const state = { answer };
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const message = { headers: req.headers, body: Buffer.concat(chunks).toString('utf8') };
      received.push(message);
      state.answer(res, message);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server)}/hook`,
    received,
    answerWith: (next: Answer): void => {
      state.answer = next;
    },
    close: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
