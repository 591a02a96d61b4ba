import { type Server, createServer } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ApiProxy } from './api-proxy.js';

let upstream: Server;
let proxy: ApiProxy;
let answered: number;
beforeEach(async () => {
  answered = 0;
  upstream = createServer((req, res) => {
    answered += 1;
    res.setHeader('content-type', 'application/json').end(JSON.stringify({ path: req.url, answered }));
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const address = upstream.address();
  proxy = await ApiProxy.open(() => (typeof address === 'object' ? (address?.port ?? 0) : 0));
});
afterEach(async () => {
  await proxy.close();
  await new Promise((resolve) => upstream.close(resolve));
});

const jobs = '/apis/batch/v1/namespaces/default/jobs';
const ask = (path: string, signal?: AbortSignal) =>
  fetch(`http://127.0.0.1:${proxy.port}${path}`, signal === undefined ? {} : { signal });

test('without a fault it passes everything on', async () => {
  expect(await (await ask(jobs)).json()).toEqual({ path: jobs, answered: 1 });
});

test.each([
  ['429', 429],
  ['500', 500],
  ['401', 401],
  ['html', 200],
] as const)('%s: it answers itself, and passes on again afterwards', async (fault, status) => {
  proxy.begin(fault);
  expect((await ask(jobs)).status).toBe(status);
  expect(answered).toBe(0);
  proxy.end();
  expect(await (await ask(jobs)).json()).toEqual({ path: jobs, answered: 1 });
});

test('stale list: a list is told as it was before, everything else as it is', async () => {
  const before = await (await ask(jobs)).json();
  proxy.begin('stale list');
  expect(await (await ask(jobs)).json()).toEqual(before);
  expect(await (await ask(`${jobs}/one`)).json()).toEqual({ path: `${jobs}/one`, answered: 2 });
});

test('stall: nobody is answered until it ends', async () => {
  proxy.begin('stall');
  const outcome = ask(jobs).then(
    () => 'answered',
    () => 'cut off',
  );
  await new Promise<void>((resolve) => {
    const look = (): void => void (proxy.connections > 0 ? resolve() : setImmediate(look));
    look();
  });
  proxy.end();
  expect([await outcome, answered]).toEqual(['cut off', 0]);
});
