import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { portOf } from '@cloudemy/testing';
import { type Cluster, connectCluster } from '../cluster/connect-cluster.js';

/** One request as it arrived. */
export interface SeenRequest {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface ScriptedServer {
  server: Server;
  url: string;
  cluster: Cluster;
  kubeconfig: string;
  seen: SeenRequest[];
  close(): Promise<void>;
}

/**
 * An HTTP server that answers as a test tells it, for what no cluster can be asked to do: hang, fall silent,
 * break off, refuse. `cluster` is connected to it by a kubeconfig file.
 */
export async function startScriptedServer(
  answer: (request: SeenRequest, response: ServerResponse, count: number) => void | Promise<void>,
  options: { user?: object; requestTimeoutMs?: number } = {},
): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const entry = {
        method: request.method ?? '',
        url: new URL(request.url ?? '/', 'http://server'),
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      seen.push(entry);
      void answer(entry, response, seen.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${portOf(server)}`;
  const folder = mkdtempSync(join(tmpdir(), 'k8s-test-'));
  const kubeconfig = join(folder, 'kubeconfig.json');
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(url, options.user ?? { token: 'secret' })));
  const cluster = connectCluster({ kubeconfig, requestTimeoutMs: options.requestTimeoutMs });
  return {
    server,
    url,
    cluster,
    kubeconfig,
    seen,
    async close() {
      await cluster.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A kubeconfig of one context. */
export function kubeconfigFor(server: string, user: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'u', namespace: 'here' } }],
  };
}

/** Answers with a JSON body. */
export function json(response: ServerResponse, status: number, body: unknown, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(`${JSON.stringify(body)}\n`);
}

/** Answers with a Status object. */
export function refuse(response: ServerResponse, code: number, reason: string, message = reason): void {
  json(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code });
}
