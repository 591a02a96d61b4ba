import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';

export type ModelRequest = Record<string, unknown> & { messages: { role: string; content: string }[] };

/** An answer of HTTP, byte by byte as a test wants it. */
export interface RawAnswer {
  status?: number;
  headers?: Record<string, string>;
  body: string | Buffer;
  /** Ends the connection there instead of the answer. */
  reset?: true;
}

/** What the endpoint makes of a request: a complaint (400), the model's text and what else its answer has, or bytes. */
export type Reply = (
  body: ModelRequest,
) => { complaint: string } | { text: string; besides?: Record<string, unknown> } | { raw: RawAnswer };

const usage = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 };

/** A chat completion, with another message than a text, or other fields. */
export const completionOf = (message: unknown, besides: Record<string, unknown> = {}) => ({
  model: 'm',
  usage,
  choices: [{ finish_reason: 'stop', message }],
  ...besides,
});

/** An endpoint that speaks as much of OpenAI's API as the grader asks for, and answers as told. */
export async function startTestModel(reply: Reply): Promise<{ url: string; close: () => Promise<void> }> {
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    send(response, rawOf(reply(JSON.parse(Buffer.concat(chunks).toString('utf8')))));
  };
  const server = createServer((request, response) => void respond(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the endpoint does not listen');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function rawOf(answer: ReturnType<Reply>): RawAnswer {
  if ('raw' in answer) return answer.raw;
  if ('complaint' in answer) {
    const error = { message: answer.complaint, type: 'invalid_request_error' };
    return { status: 400, body: JSON.stringify({ error }) };
  }
  const message = { role: 'assistant', content: answer.text };
  return { body: JSON.stringify(completionOf(message, answer.besides)) };
}

function send(response: ServerResponse, { status = 200, headers = {}, body, reset }: RawAnswer): void {
  const length = Buffer.byteLength(body) + (reset === undefined ? 0 : 10);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': String(length),
    ...headers,
  });
  if (reset === undefined) response.end(body);
  else response.write(body, () => response.socket?.destroy());
}
