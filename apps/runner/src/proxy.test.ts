import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ExitCode } from '@cloudemy/contracts';
import { type LocalLlm, startLocalLlm } from '@cloudemy/emulator-llm';
import { authority } from './testing/authority.js';
import { recordOf } from './testing/record.js';
import { runBundle } from './testing/run-bundle.js';
import { TestBackend } from './testing/test-backend.js';

const record = recordOf();
const token = `x.${Buffer.from(JSON.stringify({ attempt: 1 })).toString('base64url')}.x`;
/** A name that only the proxy knows. */
const host = 'model.example.test';

let llm: LocalLlm;
let backend: TestBackend;
let proxy: Server;
const seen: string[] = [];
beforeEach(async () => {
  seen.length = 0;
  llm = await startLocalLlm();
  backend = await TestBackend.start(record, token);
  proxy = createServer(forward);
  // Fetch asks for a tunnel, for plain HTTP too.
  proxy.on('connect', (asked: IncomingMessage, socket) => {
    seen.push(asked.url ?? '');
    void import('node:net').then(({ connect }) => {
      const there = connect(Number(new URL(llm.url).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        there.pipe(socket).pipe(there);
      });
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});
afterEach(async () => {
  proxy.close();
  proxy.closeAllConnections();
  await Promise.all([llm.close(), backend.close()]);
});

function forward(asked: IncomingMessage, response: ServerResponse): void {
  seen.push(asked.url ?? '');
  const { pathname } = new URL(asked.url ?? '');
  const { method, headers } = asked;
  const through = request(new URL(pathname, llm.url), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  asked.pipe(through);
}

const env = (changes: Record<string, string> = {}): Record<string, string> => ({
  SUBMISSION_ID: record.submission_id,
  REDIS_URL: 'redis://127.0.0.1:1',
  BACKEND_INTERNAL_URL: backend.url,
  INTERNAL_RESULT_TOKEN: token,
  LLM_API_KEY: 'key',
  LLM_BASE_URL: `http://${host}/v1`,
  LLM_MAX_RETRIES: '0',
  ...changes,
});

test('the model is reached through a proxy, the backend without it', async () => {
  const address = proxy.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { code } = await runBundle(
    env({ HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: '127.0.0.1', NODE_USE_ENV_PROXY: '1' }),
  );
  expect(code).toBe(ExitCode.done);
  expect(backend.results).toEqual([expect.objectContaining({ status: 'graded', score: 100 })]);
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.every((url) => url.includes(host))).toBe(true);
});

test('without a proxy the failure says which host and why', async () => {
  await runBundle(env());
  const [result] = backend.results;
  if (result?.status !== 'failed') throw new Error('not failed');
  expect(result.failure).toMatchObject({ code: 'llm_unavailable' });
  expect(result.failure.detail).toMatch(/^model\.example\.test cannot be reached: E\w+/);
});

test("a model with a certificate of an authority of one's own is trusted when that is set, and not otherwise", async () => {
  const behind = createTlsServer(authority, (asked, response) => {
    asked.url = `http://x${asked.url ?? ''}`;
    forward(asked, response);
  }).listen(0, '127.0.0.1');
  await once(behind, 'listening');
  const address = behind.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const LLM_BASE_URL = `https://localhost:${port}/v1`;

  await runBundle(env({ LLM_BASE_URL }));
  await runBundle(env({ LLM_BASE_URL, LLM_CA: authority.cert }));
  behind.close();
  behind.closeAllConnections();
  const [refused, trusted] = backend.results;
  expect(refused).toMatchObject({
    failure: { code: 'llm_unavailable', detail: expect.stringMatching(/certificate|CERT/i) },
  });
  expect(trusted).toMatchObject({ status: 'graded', score: 100 });
});
