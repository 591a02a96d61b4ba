import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { at } from '../../json.js';
import type { TestApi } from '../testing/test-api.js';
import { startTestApi } from '../testing/test-api.js';

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
});

afterEach(async () => {
  await api.close();
});

/** Status of a GET with exactly these headers. */
function rawStatus(path: string, headers: Record<string, string>, url = api.url): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url + path, { headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

async function tokenOf(name: string): Promise<string> {
  api.registry.create('serviceaccounts', { metadata: { name, namespace: 'default' } });
  const path = `/api/v1/namespaces/default/serviceaccounts/${name}/token`;
  return String(at(await api.json('POST', path, { spec: {} }), 'status', 'token'));
}

describe('who asks', () => {
  test('one that has a name is called by that name too, and by no other', async () => {
    const named = await startTestApi(undefined, 'cluster');
    const statusFor = (host: string) =>
      rawStatus('/api', { authorization: `Bearer ${named.token}`, host }, named.url);
    expect(await statusFor('cluster:6443')).toBe(200);
    expect(await statusFor('127.0.0.1:6443')).toBe(200);
    expect(await statusFor('evil.example:6443')).toBe(403);
    await named.close();
  });

  test('a web page cannot: a foreign Host or Origin is refused', async () => {
    const authorization = `Bearer ${api.token}`;
    expect(await rawStatus('/api', { authorization })).toBe(200);
    expect(await rawStatus('/api', { authorization, host: 'evil.example:80' })).toBe(403);
    for (const origin of ['http://evil.example', 'http://127.0.0.1', 'null', ''])
      expect(await rawStatus('/api', { authorization, origin })).toBe(403);
    const foreign = { host: 'evil.example:80', origin: 'http://evil.example:80' };
    expect(await rawStatus('/api', { authorization, ...foreign })).toBe(403);
  });

  test('the origin of the server itself is no page: clients of WebSockets send it', async () => {
    const authorization = `Bearer ${api.token}`;
    expect(await rawStatus('/api', { authorization, origin: new URL(api.url).origin })).toBe(200);
  });

  test('a wrong token is 401 everywhere, none is the anonymous user', async () => {
    expect(await rawStatus('/livez', { authorization: 'Bearer x' })).toBe(401);
    expect(await rawStatus('/livez', {})).toBe(200);
    const response = await fetch(`${api.url}/api/v1/namespaces/default/pods`);
    expect(await response.json()).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message:
        'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "default"',
      reason: 'Forbidden',
      details: { kind: 'pods' },
      code: 403,
    });
  });

  test('the token in front of the path is as good as the header', async () => {
    expect(await rawStatus(`/${api.token}/api/v1/namespaces`, {})).toBe(200);
    expect(await rawStatus(`/${'x'.repeat(api.token.length)}/api/v1/namespaces`, {})).toBe(403);
  });
});

describe('service accounts', () => {
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }];

  test('may do what roles bound to them allow, where they allow it', async () => {
    const authorization = `Bearer ${await tokenOf('reader')}`;
    const status = async (path: string, method = 'GET') =>
      (await api.fetch(path, { method, headers: { authorization } })).status;
    expect(await status('/api/v1/namespaces/default/configmaps')).toBe(403);
    api.registry.create('roles.rbac.authorization.k8s.io', {
      metadata: { name: 'r', namespace: 'default' },
      rules,
    });
    api.registry.create('rolebindings.rbac.authorization.k8s.io', {
      metadata: { name: 'r', namespace: 'default' },
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'default' }],
    });
    expect(await status('/api/v1/namespaces/default/configmaps')).toBe(200);
    expect(await status('/api/v1/namespaces/default/configmaps/x', 'DELETE')).toBe(403);
    expect(await status('/api/v1/namespaces/kube-system/configmaps')).toBe(403);
    expect(await status('/api/v1/configmaps')).toBe(403);
  });

  test('reviews answer for the asking account', async () => {
    const authorization = `Bearer ${await tokenOf('asker')}`;
    const ask = async (resource: string) => {
      const response = await api.fetch('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        method: 'POST',
        headers: { authorization },
        body: Buffer.from(
          JSON.stringify({ spec: { resourceAttributes: { verb: 'list', resource, namespace: 'default' } } }),
        ),
      });
      return at(await response.json(), 'status', 'allowed');
    };
    expect(await ask('configmaps')).toBe(false);
    api.registry.create('clusterroles.rbac.authorization.k8s.io', { metadata: { name: 'r' }, rules });
    api.registry.create('clusterrolebindings.rbac.authorization.k8s.io', {
      metadata: { name: 'r' },
      roleRef: { kind: 'ClusterRole', name: 'r' },
      subjects: [{ kind: 'Group', name: 'system:serviceaccounts:default' }],
    });
    expect([await ask('configmaps'), await ask('secrets')]).toEqual([true, false]);
  });

  test('a token dies with its account', async () => {
    const authorization = `Bearer ${await tokenOf('brief')}`;
    expect((await api.fetch('/version', { headers: { authorization } })).status).toBe(200);
    api.registry.delete('serviceaccounts', 'default', 'brief');
    expect((await api.fetch('/version', { headers: { authorization } })).status).toBe(401);
  });

  test('only the administrator may act as somebody else', async () => {
    const authorization = `Bearer ${await tokenOf('pretender')}`;
    const as = { 'impersonate-user': 'system:serviceaccount:default:pretender' };
    const path = '/api/v1/namespaces/default/pods';
    expect((await api.fetch(path, { headers: as })).status).toBe(403);
    expect((await api.fetch('/version', { headers: { ...as, authorization } })).status).toBe(403);
    expect((await api.fetch(path)).status).toBe(200);
  });
});
