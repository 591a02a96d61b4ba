import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { type HttpServer, listen } from './server.js';
import { wholeBody } from './whole-body.js';

/** What happened to each request: its body, or why it was refused. */
let seen: unknown[];
let server: HttpServer;

beforeEach(async () => {
  seen = [];
  const untilGone: RequestHandler = (req, _res, next) => void req.socket.once('close', () => next());
  const parse = wholeBody(express.raw({ type: () => true }));
  const take: RequestHandler = (req) => void seen.push(req.body);
  const refuse: ErrorRequestHandler = (error, _req, _res, _next) => void seen.push(error);
  const app = express().post('/', parse, take).post('/late', untilGone, parse, take);
  server = await listen(app.use(refuse), '127.0.0.1', 0);
});
afterEach(() => server.close(100));

/** Sends the head of a request and is gone. */
async function say(path: string, headers: string): Promise<unknown> {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`POST ${path} HTTP/1.1\r\nhost: h\r\n${headers}\r\n`);
  socket.destroy();
  while (seen.length === 0) await turn();
  return seen.pop();
}

test.each(['content-length: 4\r\n', 'transfer-encoding: chunked\r\n'])(
  'a body that was announced (%j) by a client that is gone is refused, not taken for none',
  async (announcement) => {
    for (const path of ['/', '/late'])
      expect(await say(path, announcement)).toMatchObject({ code: 'malformed_request' });
  },
);

test('a request that announces none has none', async () => {
  expect(await say('/late', '')).toBeUndefined();
});
