import { type RequestListener, type Server, createServer } from 'node:http';
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { createInternalClient } from './internal-client.js';
import { plainFetch } from './plain-fetch.js';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

const get = (url: string, signal = AbortSignal.timeout(5_000)) =>
  plainFetch()(url, { method: 'GET', headers: {}, signal });

test('gives status, headers and text as fetch does', async () => {
  const url = await serve((request, response) => {
    response.writeHead(request.url === '/no' ? 503 : 200, { 'Retry-After': '7' }).end('grüße');
  });
  const [yes, no] = [await get(url), await get(`${url}/no`)];
  expect([yes.ok, yes.status, await yes.text()]).toEqual([true, 200, 'grüße']);
  expect([no.ok, no.status, no.headers.get('retry-after'), no.headers.get('x-none')]).toEqual([
    false,
    503,
    '7',
    null,
  ]);
});

test('a problem of the backend comes with its words and when to try again', async () => {
  const problem = {
    type: 'about:blank',
    title: 'Unavailable',
    status: 503,
    code: 'unavailable',
    detail: 'Soon.',
  };
  const url = await serve((_, response) => {
    response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '2' });
    response.end(JSON.stringify({ ...problem, request_id: 'r' }));
  });
  const client = createInternalClient(`${url}/internal`, 'secret');
  const claimed = client.claimSubmissions({ body: { items: [] } });
  await expect(claimed).rejects.toMatchObject({ name: 'ProblemAnswer', status: 503, retryAfter: 2 });
  await expect(claimed).rejects.toThrow('Soon.');
});

test('says that it could not be reached, and why, as fetch does', async () => {
  const url = await serve((request) => request.socket.destroy());
  const failed = await get(url).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(TypeError);
  expect(failed).toMatchObject({ message: `GET ${url} failed`, cause: expect.any(Error) });
});

test('stops waiting when told to, also in the middle of an answer', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/half') response.write('half');
  });
  for (const path of ['/', '/half']) {
    await expect(get(`${url}${path}`, AbortSignal.timeout(50))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  }
});
