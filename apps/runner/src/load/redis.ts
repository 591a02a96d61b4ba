import { type Socket, connect } from 'node:net';
import { runnerRecordKey } from '@cloudemy/contracts';
import { decodeReplies, encodeCommand } from './resp.js';

/** Milliseconds for connection and answer together: the backend is there when Redis is slow. */
const timeoutMs = 2_000;
const defaultPort = 6_379;

/**
 * The record as Redis holds it; null when it holds none. One GET over a connection of its own, because a
 * client library takes longer to load than the whole rest of the start (docs/adr/0008-grading-prompt.md).
 * @param url `redis://` or `rediss://`, with user, password and database number where needed.
 * @throws Error when Redis cannot be reached, refuses, or does not answer in time.
 */
export async function readRedis(url: string, submissionId: string): Promise<string | null> {
  const { socket, preamble } = await open(new URL(url));
  const commands = [...preamble, ['GET', runnerRecordKey(submissionId)]];
  const late = setTimeout(() => socket.destroy(new Error('Redis did not answer in time')), timeoutMs);
  try {
    socket.write(commands.map(encodeCommand).join(''));
    return await lastReply(socket, commands.length);
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}

async function open(url: URL): Promise<{ socket: Socket; preamble: string[][] }> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? defaultPort : Number(url.port);
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const database = url.pathname.slice(1);
  const preamble = [
    ...(password === '' ? [] : [['AUTH', ...(user === '' ? [] : [user]), password]]),
    ...(database === '' ? [] : [['SELECT', database]]),
  ];
  if (url.protocol === 'redis:') return { socket: connect({ host, port }), preamble };
  if (url.protocol !== 'rediss:') throw new Error('REDIS_URL is neither redis:// nor rediss://');
  const tls = await import('node:tls');
  return { socket: tls.connect({ host, port, servername: host }), preamble };
}

/** The replies to pipelined commands come in order: any error among them is thrown, the last one is wanted. */
async function lastReply(socket: Socket, expected: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) {
    chunks.push(Buffer.from(chunk));
    const replies = decodeReplies(Buffer.concat(chunks));
    const refused = replies.find((reply) => 'error' in reply);
    if (refused !== undefined) throw new Error(`Redis refused: ${refused.error}`);
    const last = replies[expected - 1];
    if (last !== undefined) return 'text' in last ? last.text : null;
  }
  throw new Error('Redis closed the connection');
}
