import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';

export type ModelRequest = Record<string, unknown> & { messages: { role: string; content: string }[] };

/** What the endpoint makes of a request: a complaint (400), or the model's text, and what else its answer has. */
export type Reply = (
  body: ModelRequest,
) => { complaint: string } | { text: string; besides?: Record<string, unknown> };

/** An endpoint that speaks as much of OpenAI's API as the grader asks for, and answers as told. */
export async function startTestModel(reply: Reply): Promise<{ url: string; close: () => Promise<void> }> {
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const answer = reply(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    const body =
      'complaint' in answer
        ? { error: { message: answer.complaint, type: 'invalid_request_error' } }
        : {
            model: 'm',
            usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 },
            choices: [{ finish_reason: 'stop', message: { role: 'assistant', content: answer.text } }],
            ...answer.besides,
          };
    response.writeHead('complaint' in answer ? 400 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
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
