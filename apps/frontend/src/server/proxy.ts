import { Agent, type ClientRequest, type IncomingMessage, type ServerResponse, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { ProblemError } from '@cloudemy/service';
import { answerProblem } from './problem.js';

/** Of one connection alone (RFC 9110, 7.6.1), and what only this server says. */
const notPassedOn = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'cookie',
  // Held against this server's own origin before.
  'origin',
  'referer',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-prefix',
  'x-forwarded-port',
]);

export interface Onward {
  /** Of the service, such as `http://backend:8000`. */
  service: string;
  /** Path and query there. */
  path: string;
  /** What was taken off the path, such as `/api`: addresses that the service tells begin with it. */
  prefix: string;
  /** Who asks. */
  address: string;
  /** How this server was called. */
  host: string;
  proto: string;
  /** Of whoever is signed in. */
  accessToken: string | undefined;
}

const agents = {
  'http:': new Agent({ keepAlive: true, maxSockets: 2_000 }),
  'https:': new TlsAgent({ keepAlive: true, maxSockets: 2_000 }),
};

/** Passes requests on as they come: bodies, streams and upgrades are not held back, read or changed. */
export class Proxy {
  /** @param onFault hears why a service could not be asked */
  private readonly onFault: (error: Error, onward: Onward) => void;

  constructor(onFault: (error: Error, onward: Onward) => void) {
    this.onFault = onFault;
  }

  /** @param setCookie to be sent with the answer, such as a renewed session */
  pass(req: IncomingMessage, res: ServerResponse, onward: Onward, setCookie?: readonly string[]): void {
    // A stream may be silent for as long as it likes.
    req.socket.setTimeout(0);
    const upstream = this.#open(req, onward, {});
    upstream.on('response', (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.statusMessage, headersOf(answer, setCookie));
      res.flushHeaders();
      answer.on('error', () => res.destroy());
      answer.pipe(res);
    });
    upstream.on('error', (error) => {
      if (res.destroyed) return;
      this.onFault(error, onward);
      answerProblem(req, res, unreachable(onward));
    });
    res.on('close', () => upstream.destroy());
    req.pipe(upstream);
  }

  /** Joins the client to a service that changes the protocol: a WebSocket. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer, onward: Onward): void {
    socket.on('error', () => socket.destroy());
    const upstream = this.#open(req, onward, {
      connection: 'Upgrade',
      upgrade: String(req.headers.upgrade),
    });
    upstream.on('upgrade', (answer, behind, rest) => {
      socket.write(headOf(answer));
      behind.on('error', () => socket.destroy());
      socket.on('close', () => behind.destroy());
      behind.on('close', () => socket.destroy());
      if (rest.length > 0) socket.write(rest);
      if (head.length > 0) behind.write(head);
      behind.pipe(socket).pipe(behind);
    });
    // Refused: the answer goes back as it is.
    upstream.on('response', (answer) => {
      socket.write(headOf(answer, { connection: 'close' }));
      answer.pipe(socket);
    });
    upstream.on('error', (error) => {
      this.onFault(error, onward);
      socket.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    });
    socket.on('close', () => upstream.destroy());
    upstream.end();
  }

  #open(req: IncomingMessage, onward: Onward, more: Record<string, string>): ClientRequest {
    const url = new URL(onward.service);
    const headers: Record<string, string | string[]> = {};
    for (const [name, value] of Object.entries(req.headers)) {
      if (value !== undefined && !notPassedOn.has(name)) headers[name] = value;
    }
    headers['x-forwarded-for'] = onward.address;
    headers['x-forwarded-host'] = onward.host;
    headers['x-forwarded-proto'] = onward.proto;
    headers['x-forwarded-prefix'] = onward.prefix;
    if (onward.accessToken !== undefined) headers['authorization'] = `Bearer ${onward.accessToken}`;
    const isTls = url.protocol === 'https:';
    return (isTls ? tlsRequest : request)(`${onward.service}${onward.path}`, {
      method: req.method,
      headers: { ...headers, ...more },
      agent: isTls ? agents['https:'] : agents['http:'],
    });
  }
}

function headersOf(
  answer: IncomingMessage,
  setCookie: readonly string[] | undefined,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (
      value !== undefined &&
      name !== 'connection' &&
      name !== 'keep-alive' &&
      name !== 'transfer-encoding'
    ) {
      headers[name] = value;
    }
  }
  if (setCookie !== undefined) headers['set-cookie'] = [...setCookie];
  return headers;
}

function headOf(answer: IncomingMessage, replaced: Record<string, string> = {}): string {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
  for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2) {
    const name = answer.rawHeaders[at] ?? '';
    // The body is written as it comes, and the connection ends with it.
    if (replaced['connection'] !== undefined && /^(connection|transfer-encoding)$/i.test(name)) continue;
    lines.push(`${name}: ${answer.rawHeaders[at + 1]}`);
  }
  for (const [name, value] of Object.entries(replaced)) lines.push(`${name}: ${value}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const unreachable = ({ service }: Onward): ProblemError =>
  new ProblemError('unavailable', {
    detail: `The service at ${new URL(service).host} does not answer. Try again in a moment.`,
    retryAfter: 5,
  });
