import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseManifests } from '../manifests/parse-manifests.js';
import type { UnknownObject } from '../objects/types.js';
import { startTestCluster, type TestCluster } from '../testing/test-cluster.js';
import { applyDocument } from './apply-document.js';
import { deleteObject, readObject } from './delete-object.js';
import { Discovery } from './discovery.js';
import { ApplyError } from './server-problem.js';

const LABELS = { 'cloudemy.io/deployment': 'd1' };
const HERE = { namespace: 'default', labels: LABELS };

async function parse(yaml: string): Promise<UnknownObject> {
  const [document] = (await parseManifests(yaml)).documents;
  if (document === undefined) throw new Error('not a manifest');
  return document.object;
}

function configMap(name: string, data: string): Promise<UnknownObject> {
  return parse(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {app: x}}\ndata: ${data}`);
}

describe('against an embedded cluster', () => {
  let cluster: TestCluster;
  let discovery: Discovery;

  beforeAll(async () => {
    cluster = await startTestCluster();
    discovery = new Discovery(cluster.api);
  });

  afterAll(async () => {
    await cluster.close();
  });

  async function problemsOf(document: UnknownObject, options: object = {}) {
    const error = await applyDocument(cluster.api, discovery, document, { ...HERE, ...options }).catch(
      (error: unknown) => error,
    );
    if (error instanceof ApplyError) return error.problems;
    throw new Error(`no ApplyError but ${String(error)}`);
  }

  it('creates, leaves alone and updates', async () => {
    const apply = async (data: string) =>
      applyDocument(cluster.api, discovery, await configMap('a', data), HERE);
    const first = await apply('{k: "1"}');
    expect(first).toMatchObject({ created: true, resource: { resource: 'configmaps', namespaced: true } });
    expect(first.object.metadata.labels).toEqual({ app: 'x', ...LABELS });
    const again = await apply('{k: "1"}');
    expect(again.created).toBe(false);
    expect(again.object.metadata.resourceVersion).toBe(first.object.metadata.resourceVersion);
    expect((await apply('{k: "2"}')).object['data']).toEqual({ k: '2' });
    expect((await apply('{}')).object['data']).toBeUndefined();
  });

  it('changes nothing in a dry run', async () => {
    const { created } = await applyDocument(cluster.api, discovery, await configMap('dry', '{}'), {
      ...HERE,
      dryRun: true,
    });
    expect(created).toBe(true);
    const where = { group: '', version: 'v1', resource: 'configmaps', namespace: 'default', name: 'dry' };
    expect(await readObject(cluster.api, where)).toBeUndefined();
  });

  it('creates anew for generateName', async () => {
    const document = await parse('apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: gen-}');
    const names = new Set<string | undefined>();
    for (let i = 0; i < 2; i++) {
      names.add((await applyDocument(cluster.api, discovery, document, HERE)).object.metadata.name);
    }
    expect(names.size).toBe(2);
  });

  it('names what the server does not take', async () => {
    expect(await problemsOf(await configMap('bad', '{k: 1}'))).toMatchObject([
      { code: 'wrong_type', path: '.data.k' },
    ]);
    const unknown = { ...(await configMap('bad', '{}')), bogus: 1 };
    expect(await problemsOf(unknown)).toMatchObject([{ code: 'unknown_field', path: '.bogus' }]);
    expect(await problemsOf(await configMap('bad', '{}'), { namespace: 'nowhere' })).toMatchObject([
      { code: 'namespace_missing' },
    ]);
    expect(await problemsOf(await parse('apiVersion: v9\nkind: Nope\nmetadata: {name: a}'))).toMatchObject([
      { code: 'unknown_kind', path: 'kind' },
    ]);
    expect(
      await problemsOf(await parse('apiVersion: v1\nkind: Namespace\nmetadata: {name: a}')),
    ).toMatchObject([{ code: 'not_namespaced' }]);
  });

  it('names conflicts, and forces them when told to', async () => {
    await cluster.api.create('/api/v1/namespaces/default/configmaps', await configMap('theirs', '{k: "1"}'), {
      fieldManager: 'alice',
    });
    expect(await problemsOf(await configMap('theirs', '{k: "2"}'))).toMatchObject([
      { code: 'conflict', path: '.data.k', message: '.data.k is managed by alice' },
    ]);
    const forced = await applyDocument(cluster.api, discovery, await configMap('theirs', '{k: "2"}'), {
      ...HERE,
      force: true,
    });
    expect(forced.object['data']).toEqual({ k: '2' });
  });

  it('deletes the object it deployed, and none made since', async () => {
    const { object, resource } = await applyDocument(
      cluster.api,
      discovery,
      await configMap('gone', '{}'),
      HERE,
    );
    const reference = { ...resource, namespace: 'default', name: 'gone', uid: object.metadata.uid ?? '' };
    expect(await deleteObject(cluster.api, reference, { waitMs: 5_000 })).toBe('deleted');
    expect(await deleteObject(cluster.api, reference)).toBe('absent');
    const successor = await applyDocument(cluster.api, discovery, await configMap('gone', '{}'), HERE);
    expect(await deleteObject(cluster.api, reference)).toBe('replaced');
    expect((await readObject(cluster.api, reference))?.metadata.uid).toBe(successor.object.metadata.uid);
  });

  it('says when an object stays', async () => {
    const held = await configMap('held', '{}');
    const path = '/api/v1/namespaces/default/configmaps';
    held.metadata.finalizers = ['example.com/hold'];
    const { object } = await cluster.api.create(path, held);
    const reference = {
      group: '',
      version: 'v1',
      resource: 'configmaps',
      namespace: 'default',
      name: 'held',
      uid: object.metadata.uid ?? '',
    };
    expect(await deleteObject(cluster.api, reference, { waitMs: 50 })).toBe('remaining');
    await cluster.api.patch(
      `${path}/held`,
      { metadata: { finalizers: null } },
      'application/merge-patch+json',
    );
    expect(await deleteObject(cluster.api, reference)).toBe('absent');
  });
});
