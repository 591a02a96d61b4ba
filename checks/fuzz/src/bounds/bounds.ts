import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import type { AccessTable } from '@cloudemy/contracts';
import { type ApiDocument, type Operation, readDocument } from '../document/document.js';
import { type Person, scopesIn } from '../people/person.js';
import type { FuzzRequest } from '../requests/request.js';
import { type Answer, Hang, Sender } from '../requests/send.js';
import { Findings, type Finding } from '../verdict/findings.js';
import { oversized } from '../verdict/judge.js';
import { freshFigure } from './figures.js';
import { type HeavyBody, heavyBodies } from './heavy-bodies.js';

export interface BoundsOptions {
  baseUrl: string;
  credentials: Readonly<Record<string, string>>;
  people: readonly Person[];
  access: AccessTable;
}

const timeoutMs = 60_000;
/** Seconds of CPU time that one request may keep the event loop, and how exactly the service tells it. */
const mostTurn = 0.2;
const turnPrecision = 0.05;
/** Connections of somebody who sends and does not read. */
const unread = 40;
/** Bytes that they may cost the service together. */
const mostUnread = 96 * 1_024 * 1_024;

/**
 * Sends every operation the heaviest bodies there are, and holds the service to its bounds: no answer to a bad request
 * over 64 KiB, no turn of the event loop over 200 ms, nothing lost to clients that do not read.
 */
export async function findUnbounded(options: BoundsOptions): Promise<Finding[]> {
  const { baseUrl } = options;
  const document = readDocument(await (await fetch(`${baseUrl}/openapi.json`)).json());
  const findings = new Findings();
  const sender = new Sender(baseUrl, 1, timeoutMs);
  await freshFigure(baseUrl, turnMetric);
  const taking = document.operations.filter(({ body }) => body !== undefined);
  for (const operation of taking) {
    const [first, ...others] = heavyBodies(fieldsOf(operation, document)).map((heavy) => ({
      ...heavy,
      request: requestOf(operation, heavy, options),
    }));
    if (first === undefined) continue;
    for (const { name, request } of [first, ...others]) {
      const answer = await sender.send(request).catch(closed);
      const fault = answer === undefined ? undefined : faultOf(answer);
      if (fault !== undefined) findings.add(request, `${fault} to ${name}`, '');
    }
    const turn = await freshFigure(baseUrl, turnMetric);
    if (turn > mostTurn + turnPrecision) {
      findings.add(first.request, `kept the event loop for ${turn.toFixed(2)} s`, '');
    }
  }
  sender.close();
  const [first] = taking;
  if (first !== undefined) await withoutReading(options, first, findings);
  return findings.all();
}

/** A service may close a connection on what it does not want to read; that it hangs is a fault. */
function closed(error: unknown): undefined {
  if (error instanceof Hang) throw error;
}

const faultOf = (answer: Answer): string | undefined =>
  answer.status >= 500 ? `answered ${answer.status}` : oversized(answer);

const turnMetric = 'event_loop_turn_cpu_seconds_max';

/** Many clients that ask for much and read nothing of it. */
async function withoutReading(
  options: BoundsOptions,
  operation: Operation,
  findings: Findings,
): Promise<void> {
  const { baseUrl } = options;
  const before = await freshFigure(baseUrl, 'process_resident_memory_bytes');
  const [heavy] = heavyBodies([]);
  if (heavy === undefined) return;
  const request = requestOf(operation, heavy, options);
  const sockets = await Promise.all(Array.from({ length: unread }, () => sendUnread(baseUrl, request)));
  const after = await freshFigure(baseUrl, 'process_resident_memory_bytes');
  if (after - before > mostUnread) {
    const MiB = Math.round((after - before) / 1_024 / 1_024);
    findings.add(request, `took ${MiB} MiB for ${unread} answers that nobody reads`, '');
  }
  for (const socket of sockets) socket.destroy();
}

async function sendUnread(baseUrl: string, { method, path, headers, body }: FuzzRequest): Promise<Socket> {
  const { hostname, port, host } = new URL(baseUrl);
  const socket = connect(Number(port), hostname).on('error', () => {});
  await once(socket, 'connect');
  socket.pause();
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...lines,
    `Content-Length: ${body?.length ?? 0}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  socket.write(body ?? '');
  // Asked for by anyone, and large.
  socket.write(`GET /openapi.json HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(20));
  return socket;
}

function requestOf(
  operation: Operation,
  { body, compressed }: HeavyBody,
  options: BoundsOptions,
): FuzzRequest {
  const may = options.people.find(
    (person) => (scopesIn(options.access, operation.id, person)?.length ?? 0) > 0,
  );
  const [scheme = ''] = operation.security;
  const token = scheme === 'user' ? may?.token : options.credentials[scheme];
  return {
    operation,
    method: operation.method.toUpperCase(),
    path: operation.path.replaceAll(/\{\w+\}/g, '000000000000000000000000'),
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(compressed === true ? { 'content-encoding': 'gzip' } : {}),
    },
    body,
  };
}

/** The names of the fields that the body of an operation has. */
function fieldsOf({ body }: Operation, { schemas }: ApiDocument): string[] {
  const reference = body?.['$ref'];
  const schema = typeof reference === 'string' ? schemas[reference.split('/').at(-1) ?? ''] : body;
  const properties = schema?.['properties'];
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}
