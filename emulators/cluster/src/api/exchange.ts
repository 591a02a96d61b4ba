import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiError } from '../store/api-error.js';
import type { WriteContext } from '../store/admission.js';
import type { Representation } from './accept.js';
import type { RequestInfo } from './request-info.js';

/** Who asks. */
export interface User {
  name: string;
  groups: readonly string[];
  uid?: string;
}

/** One request and its answer. */
export class Exchange implements WriteContext {
  readonly #warnings: string[] = [];
  dryRun = false;

  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly info: RequestInfo;
  readonly user: User;
  readonly representation: Representation;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    info: RequestInfo,
    user: User,
    representation: Representation,
  ) {
    this.request = request;
    this.response = response;
    this.info = info;
    this.user = user;
    this.representation = representation;
  }

  warn(message: string): void {
    if (!this.#warnings.includes(message)) {
      this.#warnings.push(message);
    }
  }

  /** Answers with a JSON text that is complete but for its final newline. */
  sendJson(code: number, json: string, headers: Record<string, string> = {}): void {
    this.sendText(code, `${json}\n`, { 'content-type': 'application/json', ...headers });
  }

  send(code: number, body: object, headers: Record<string, string> = {}): void {
    this.sendJson(code, JSON.stringify(body), headers);
  }

  sendText(code: number, text: string, headers: Record<string, string>): void {
    const { response } = this;
    if (response.headersSent) {
      response.end();
      return;
    }
    if (this.#warnings.length > 0) {
      response.setHeader(
        'warning',
        this.#warnings.map((warning) => `299 - "${headerText(warning)}"`),
      );
    }
    response.writeHead(code, {
      'cache-control': 'no-cache, private',
      ...headers,
      'content-length': Buffer.byteLength(text),
    });
    response.end(this.request.method === 'HEAD' ? undefined : text);
  }
}

/** Quotes and backslashes escaped; what a header may not hold is replaced. */
function headerText(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?');
}

/** Answers a request with a Status, also when nothing about it could be understood. */
export function sendStatus(response: ServerResponse, error: ApiError, head = false): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = `${JSON.stringify(error.toStatus())}\n`;
  response.writeHead(error.code, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
    ...(error.code === 403 ? { 'x-content-type-options': 'nosniff' } : {}),
    ...(error.details?.retryAfterSeconds === undefined
      ? {}
      : { 'retry-after': String(error.details.retryAfterSeconds) }),
    'content-length': Buffer.byteLength(text),
  });
  response.end(head ? undefined : text);
}
