import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import type { FuzzRequest } from './request.js';

/** What came back. */
export interface Answer {
  status: number;
  mediaType: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** False for a stream that would have gone on, and was left. */
  complete: boolean;
}

/** No answer, or not all of it, within the time a request may take. */
export class Hang extends Error {
  override readonly name = 'Hang';
}

/** Milliseconds a followed stream is read before it is left. */
const streamMs = 300;

/** Sends requests over kept-alive connections, as they are: nothing is normalised on the way. */
export class Sender {
  readonly #agent: Agent;

  private readonly baseUrl: string;
  private readonly timeoutMs: number;

  /**
   * @param baseUrl of the service
   * @param timeoutMs milliseconds an answer may take to its last byte
   */
  constructor(baseUrl: string, connections: number, timeoutMs: number) {
    this.baseUrl = baseUrl;
    this.timeoutMs = timeoutMs;

    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /**
   * @throws Hang when it takes longer than it may
   * @throws Error of the connection, such as `ECONNRESET`
   */
  send({ method, path, headers, body }: FuzzRequest): Promise<Answer> {
    const { hostname, port } = new URL(this.baseUrl);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const sent = httpRequest({
      hostname,
      port,
      method,
      path,
      agent: this.#agent,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(body.length) }) },
      signal: AbortSignal.timeout(this.timeoutMs + streamMs),
    });
    const bound = setTimeout(() => {
      reject(new Hang(`no complete answer within ${this.timeoutMs} ms`));
      sent.destroy();
    }, this.timeoutMs);
    const settle = (answer: Answer): void => {
      clearTimeout(bound);
      resolve(answer);
    };
    sent.once('error', (error) => {
      clearTimeout(bound);
      reject(error);
    });
    // An upgrade nobody should have granted: the status says it.
    sent.once('upgrade', (response, socket) => {
      socket.destroy();
      settle(answerOf(response, [], false));
    });
    sent.once('response', (response) => {
      const chunks: Buffer[] = [];
      const streams = mediaTypeOf(response) === 'text/event-stream';
      const leave = streams
        ? setTimeout(() => {
            settle(answerOf(response, chunks, false));
            sent.destroy();
          }, streamMs)
        : undefined;
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        clearTimeout(leave);
        settle(answerOf(response, chunks, true));
      });
    });
    sent.end(body);
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}

const mediaTypeOf = (response: IncomingMessage): string =>
  (response.headers['content-type'] ?? '').split(';', 1).join('').trim().toLowerCase();

function answerOf(response: IncomingMessage, chunks: Buffer[], complete: boolean): Answer {
  return {
    status: response.statusCode ?? 0,
    mediaType: mediaTypeOf(response),
    headers: response.headers,
    body: Buffer.concat(chunks),
    complete,
  };
}
