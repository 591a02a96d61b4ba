import { writeFileSync } from 'node:fs';
import { basename, delimiter } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  json,
  kubeconfigFor,
  refuse,
  type ScriptedServer,
  startScriptedServer,
} from '../testing/scripted-server.js';
import { clusterSourceFrom } from './kubeconfig.js';
import { connectCluster } from './connect-cluster.js';
import { ClusterConfigError, KubeApiError, KubeConnectionError } from './errors.js';

const POD = { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a' } };

describe('KubeApi', () => {
  let running: ScriptedServer | undefined;

  async function serve(...args: Parameters<typeof startScriptedServer>): Promise<ScriptedServer> {
    running = await startScriptedServer(...args);
    return running;
  }

  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  it('sends the token and reads the object', async () => {
    const { cluster, seen } = await serve((_, response) => json(response, 200, POD));
    expect(await cluster.api.get('/api/v1/namespaces/here/pods/a')).toEqual(POD);
    expect(seen[0]?.headers.authorization).toBe('Bearer secret');
    expect(cluster).toMatchObject({ context: 'test', namespace: 'here' });
  });

  it('takes no page of a proxy for success, whatever is asked', async () => {
    const { cluster } = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>Please sign in</html>');
    });
    const { api } = cluster;
    const calls = [
      api.get('/x'),
      api.list('/x'),
      api.create('/x', POD),
      api.replace('/x', POD),
      api.delete('/x'),
    ];
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)).toEqual(
      calls.map(() => expect.any(KubeConnectionError)),
    );
  });

  it('takes JSON without metadata for no list, and a list of null for an empty one', async () => {
    const answers: unknown[] = [{}, 'fine', null, { metadata: {}, items: null }];
    const { cluster } = await serve((_, response) => json(response, 200, answers.shift()));
    for (let bad = 0; bad < 3; bad += 1) {
      await expect(cluster.api.list('/x')).rejects.toBeInstanceOf(KubeConnectionError);
    }
    await expect(cluster.api.list('/x')).resolves.toEqual({ metadata: {}, items: [] });
  });

  it('turns a Status into a typed error', async () => {
    const { cluster } = await serve((_, response) =>
      json(
        response,
        422,
        {
          kind: 'Status',
          message: 'Job.batch "x" is invalid',
          reason: 'Invalid',
          code: 422,
          details: {
            name: 'x',
            causes: [{ field: 'spec.template', reason: 'FieldValueInvalid', message: 'no' }],
          },
        },
        { 'retry-after': '3' },
      ),
    );
    const error = await cluster.api.create('/x', POD).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(KubeApiError);
    expect(error).toMatchObject({
      status: 422,
      reason: 'Invalid',
      message: 'Job.batch "x" is invalid',
      retryAfter: 3,
      details: { causes: [{ field: 'spec.template' }] },
    });
  });

  it('takes plain text for the message, as of an unknown group', async () => {
    const { cluster } = await serve((_, response) => {
      response.writeHead(404).end('404 page not found\n');
    });
    await expect(cluster.api.get('/apis/none')).rejects.toMatchObject({
      status: 404,
      message: '404 page not found',
    });
  });

  it('retries reads while the server is overloaded, and never writes', async () => {
    const { cluster, seen } = await serve(({ method }, response, count) =>
      method === 'GET' && count === 3
        ? json(response, 200, POD)
        : refuse(response, 503, 'ServiceUnavailable'),
    );
    expect(await cluster.api.get('/x')).toEqual(POD);
    expect(seen).toHaveLength(3);
    await expect(cluster.api.create('/x', POD)).rejects.toMatchObject({ status: 503 });
    expect(seen).toHaveLength(4);
  });

  it('gives up a request that gets no answer in time', async () => {
    const { cluster, seen } = await serve(() => {}, { requestTimeoutMs: 50 });
    const error = await cluster.api.get('/x').catch((error: unknown) => error);
    expect(error).toBeInstanceOf(KubeConnectionError);
    expect(error).toMatchObject({ timedOut: true });
    expect(seen).toHaveLength(1);
  });

  it('ends with the reason of an aborted signal', async () => {
    const controller = new AbortController();
    const { cluster } = await serve(() => controller.abort(new Error('enough')));
    await expect(cluster.api.get('/x', { signal: controller.signal })).rejects.toThrow('enough');
    await expect(cluster.api.get('/x', { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('says which server cannot be reached', async () => {
    const { cluster, server, url } = await serve(() => {});
    await new Promise((resolve) => server.close(resolve));
    const error = await cluster.api.create('/x', POD).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(KubeConnectionError);
    expect(String(error)).toContain(url);
    expect(String(error)).toContain('ECONNREFUSED');
  });

  it('lists page by page', async () => {
    const { cluster, seen } = await serve(({ url }, response) =>
      json(response, 200, {
        metadata: {
          resourceVersion: '7',
          ...(url.searchParams.get('continue') === 'b' ? {} : { continue: 'b' }),
        },
        items: [POD],
      }),
    );
    const { items } = await cluster.api.listAll('/x', { labelSelector: 'a=b,c in (d,e)', limit: 1 });
    expect(items).toHaveLength(2);
    expect(seen.map(({ url }) => url.searchParams.get('labelSelector'))).toEqual([
      'a=b,c in (d,e)',
      'a=b,c in (d,e)',
    ]);
  });

  it('begins a list again when the server has forgotten its version', async () => {
    const { cluster } = await serve((_, response, count) => {
      if (count === 2) refuse(response, 410, 'Expired');
      else json(response, 200, { metadata: count === 1 ? { continue: 'b' } : {}, items: [POD] });
    });
    expect((await cluster.api.listAll('/x')).items).toHaveLength(1);
  });

  it('reads credentials again after a 401, for any method, and asks twice only', async () => {
    const started = await serve(({ headers }, response) =>
      headers.authorization === 'Bearer new'
        ? json(response, 201, POD)
        : refuse(response, 401, 'Unauthorized'),
    );
    const { cluster, kubeconfig, url, seen } = started;
    await expect(cluster.api.create('/x', POD)).rejects.toMatchObject({ status: 401 });
    expect(seen).toHaveLength(2);
    writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(url, { token: 'new' })));
    expect((await cluster.api.create('/x', POD)).created).toBe(true);
  });

  it('follows a token file as it is rewritten', async () => {
    const started = await serve((_, response) => json(response, 200, POD));
    const { kubeconfig, url, seen } = started;
    const tokenFile = `${kubeconfig}.token`;
    writeFileSync(tokenFile, 'one\n');
    writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(url, { tokenFile: basename(tokenFile) })));
    const cluster = connectCluster({ kubeconfig });
    await cluster.api.get('/x');
    writeFileSync(tokenFile, 'two\n');
    cluster.api.transport.renewCredentials();
    await cluster.api.get('/x');
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer one', 'Bearer two']);
    await cluster.close();
  });

  it('runs an exec plugin once for many requests', async () => {
    const script = 'process.stdout.write(JSON.stringify({status:{token:String(process.pid)}}))';
    const user = {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: process.execPath,
        args: ['-e', script],
      },
    };
    const { cluster, seen } = await serve((_, response) => json(response, 200, POD), { user });
    await Promise.all([cluster.api.get('/a'), cluster.api.get('/b'), cluster.api.get('/c')]);
    expect(new Set(seen.map(({ headers }) => headers.authorization)).size).toBe(1);
    expect(seen[0]?.headers.authorization).toMatch(/^Bearer \d+$/);
  });

  it('reads warnings and the propagation policy it sends', async () => {
    const { cluster, seen } = await serve((_, response) =>
      json(response, 200, POD, { warning: ['299 - "unknown field \\"a\\""', '299 - "b"'] }),
    );
    expect((await cluster.api.create('/x', POD, { dryRun: true })).warnings).toEqual([
      'unknown field "a"',
      'b',
    ]);
    await cluster.api.delete('/x', { uid: 'u' });
    expect(seen[0]?.url.searchParams.get('dryRun')).toBe('All');
    expect(JSON.parse(seen[1]?.body ?? '')).toMatchObject({
      propagationPolicy: 'Background',
      preconditions: { uid: 'u' },
    });
  });

  it('escapes what YAML does not take raw', async () => {
    const { cluster, seen } = await serve((_, response) => json(response, 200, POD));
    const object = { metadata: { name: 'a', annotations: { k: 'a\u007fb\ufeffc\u0085é' } } };
    await cluster.api.apply('/x', object, { fieldManager: 'm' });
    expect(seen[0]?.body).toContain('a\\u007fb\\ufeffc\u0085é');
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(object);
  });

  it('sends many requests at once from the first moment', async () => {
    const { cluster } = await serve((_, response) => json(response, 200, POD));
    const answers = await Promise.all(Array.from({ length: 50 }, async () => cluster.api.create('/x', POD)));
    expect(answers).toHaveLength(50);
  });

  it('reuses connections', async () => {
    const { cluster, server } = await serve((_, response) => json(response, 200, POD));
    let connections = 0;
    server.on('connection', () => (connections += 1));
    for (let i = 0; i < 20; i++) await cluster.api.get('/x');
    expect(connections).toBeLessThanOrEqual(2);
  });
});

describe('connectCluster', () => {
  it('never takes a cluster that was not named', () => {
    expect(() => connectCluster({})).toThrow(ClusterConfigError);
    expect(() => connectCluster({ kubeconfig: '' })).toThrow(/set KUBECONFIG/);
  });

  it('takes what the environment names, and nothing else', () => {
    expect(clusterSourceFrom({ KUBECONFIG: '/a:/b', HOME: '/root' })).toEqual({ kubeconfig: '/a:/b' });
    expect(() => clusterSourceFrom({ HOME: '/root', KUBECONFIG: '' })).toThrow(/no cluster named/);
  });

  it('names a missing file and an unknown context', async () => {
    expect(() => connectCluster({ kubeconfig: '/nowhere/config' })).toThrow(
      /kubeconfig \/nowhere\/config cannot be used/,
    );
    const started = await startScriptedServer(() => {});
    expect(() => connectCluster({ kubeconfig: started.kubeconfig, context: 'other' })).toThrow(
      /no context "other"; it has: test/,
    );
    await started.close();
  });

  it('passes over a missing file of a list, as kubectl does', async () => {
    const started = await startScriptedServer(() => {});
    const kubeconfig = ['/nowhere/config', started.kubeconfig].join(delimiter);
    expect(connectCluster({ kubeconfig }).server).toBe(
      connectCluster({ kubeconfig: started.kubeconfig }).server,
    );
    await started.close();
  });

  it('says so when it is told to be in a pod and is not', () => {
    expect(() => connectCluster({ inCluster: true })).toThrow(/not inside a pod/);
  });
});
