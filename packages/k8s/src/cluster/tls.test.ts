import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocketServer } from 'ws';
import { openExec } from '../exec/open-exec.js';
import { portOf } from '@cloudemy/testing';
import { connectCluster } from './connect-cluster.js';
import { KubeConnectionError } from './errors.js';

/** A throw-away authority and two certificates it signed, for these tests only. */
function fixture(name: string): Buffer {
  return readFileSync(new URL(`fixtures/test-${name}`, import.meta.url));
}

describe('a server that speaks TLS and asks for a client certificate', () => {
  let server: Server;
  const folder = mkdtempSync(join(tmpdir(), 'k8s-tls-'));
  const kubeconfig = join(folder, 'config');

  beforeAll(async () => {
    server = createServer(
      {
        key: fixture('server.key'),
        cert: fixture('server.crt'),
        ca: fixture('ca.crt'),
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => {
        const socket = request.socket;
        const name = isTls(socket) && socket.authorized ? socket.getPeerCertificate().subject.CN : 'nobody';
        response
          .setHeader('content-type', 'application/json')
          .end(JSON.stringify({ name, url: request.url }));
      },
    );
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => {
      socket.send(Buffer.from('\u0003{"status":"Success"}'));
      socket.close(1000);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  function connect(cluster: object, user: object) {
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        'current-context': 'x',
        clusters: [
          { name: 'c', cluster: { server: `https://127.0.0.1:${portOf(server)}/prefix/`, ...cluster } },
        ],
        users: [{ name: 'u', user }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      }),
    );
    return connectCluster({ kubeconfig });
  }

  const base64 = (name: string) => fixture(name).toString('base64');
  const CLIENT = () => ({
    'client-certificate-data': base64('client.crt'),
    'client-key-data': base64('client.key'),
  });
  const AUTHORITY = () => ({ 'certificate-authority-data': base64('ca.crt') });

  it('is trusted by its authority and shown the certificate, under a path prefix too', async () => {
    const cluster = connect(AUTHORITY(), CLIENT());
    expect(await cluster.api.get('/version')).toEqual({ name: 'client', url: '/prefix/version' });
    await cluster.close();
  });

  it('takes exec sessions the same way', async () => {
    const cluster = connect(AUTHORITY(), CLIENT());
    const exec = await openExec(cluster.api, { namespace: 'n', pod: 'p', command: ['true'] });
    expect(await exec.exited).toMatchObject({ exitCode: 0 });
    exec.destroy();
    await cluster.close();
  });

  it('reads certificates from files named beside the kubeconfig', async () => {
    for (const name of ['ca.crt', 'client.crt', 'client.key'])
      writeFileSync(join(folder, name), fixture(name));
    const cluster = connect(
      { 'certificate-authority': 'ca.crt' },
      { 'client-certificate': 'client.crt', 'client-key': 'client.key' },
    );
    expect(await cluster.api.get('/')).toMatchObject({ name: 'client' });
    await cluster.close();
  });

  it('is refused when its authority is not the one named, unless that was asked for', async () => {
    const wary = connect({}, {});
    await expect(wary.api.create('/x', { metadata: {} })).rejects.toThrow(KubeConnectionError);
    await wary.close();
    const careless = connect({ 'insecure-skip-tls-verify': true }, {});
    expect(await careless.api.get('/')).toMatchObject({ name: 'nobody' });
    await careless.close();
  });
});

function isTls(socket: object): socket is TLSSocket {
  return 'authorized' in socket;
}
