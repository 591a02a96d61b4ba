import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectCluster } from '@cloudemy/k8s';
import { expect, test } from '@jest/globals';
import { ScriptLog } from './script-log.js';

/** An API server that answers one request after another as told. */
async function answering(answers: RequestListener[]) {
  const server = createServer((req, res) => answers.shift()?.(req, res));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  const folder = await mkdtemp(join(tmpdir(), 'cloudemy-script-log-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${address.port}` } }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  const cluster = connectCluster({ kubeconfig });
  return {
    api: cluster.api,
    async [Symbol.asyncDispose]() {
      await cluster.close();
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

const refusing =
  (code: number, message: string): RequestListener =>
  (_req, res) => {
    res.writeHead(code, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ kind: 'Status', status: 'Failure', message, code }));
  };

/** Lines as the API server sends them with `timestamps=true`. */
const stamped = (text: string): string => text.replaceAll(/^(?=.)/gm, '2026-01-01T00:00:00.000000000Z ');

test('a log that is not there in the first second, and one whose stream breaks, is passed on whole and once', async () => {
  await using server = await answering([
    refusing(404, 'the server could not find the requested resource ( pods/log smoke-test-x)'),
    refusing(400, 'container "smoke-test" in pod "smoke-test-x" is not available'),
    (_req, res) => {
      res.write(stamped('signed in\nsubmission que'), () => res.destroy());
    },
    (_req, res) => {
      res.end(stamped('signed in\nsubmission queued\nall is well\n'));
    },
  ]);
  const lines: string[] = [];
  const log = new ScriptLog(server.api, 'cloudemy', (line, pod) => lines.push(`${pod}: ${line}`));
  for (let reading = 0; reading < 4; reading++) await log.readOn('smoke-test-x');
  expect(lines).toEqual([
    'smoke-test-x: signed in',
    'smoke-test-x: submission queued',
    'smoke-test-x: all is well',
  ]);
});
