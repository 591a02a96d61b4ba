import { afterEach, describe, expect, it } from '@jest/globals';
import { json, refuse, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.js';
import { Discovery } from './discovery.js';

const AGGREGATED = {
  kind: 'APIGroupDiscoveryList',
  items: [
    {
      metadata: { name: 'batch' },
      versions: [
        {
          version: 'v1',
          resources: [
            { resource: 'jobs', responseKind: { kind: 'Job' }, scope: 'Namespaced', verbs: ['get'] },
          ],
        },
      ],
    },
  ],
};

describe('Discovery', () => {
  let server: ScriptedServer | undefined;

  afterEach(async () => {
    await server?.close();
  });

  it('reads everything in two answers, once for all who ask', async () => {
    server = await startScriptedServer((_, response) => json(response, 200, AGGREGATED));
    const discovery = new Discovery(server.cluster.api);
    const found = await Promise.all([1, 2, 3].map(async () => discovery.find('batch/v1', 'Job')));
    expect(found[2]).toMatchObject({ group: 'batch', version: 'v1', resource: 'jobs', namespaced: true });
    expect(server.seen.map(({ url }) => url.pathname).sort()).toEqual(['/api', '/apis']);
  });

  it('reads again for a kind that was not there, but not for every document', async () => {
    let time = 0;
    server = await startScriptedServer((_, response, count) =>
      json(response, 200, count > 2 ? AGGREGATED : { ...AGGREGATED, items: [] }),
    );
    const discovery = new Discovery(server.cluster.api, () => time);
    expect(await discovery.find('batch/v1', 'Job')).toBeUndefined();
    expect(await discovery.find('batch/v1', 'Job')).toBeUndefined();
    expect(server.seen).toHaveLength(2);
    time = 6_000;
    expect(await discovery.find('batch/v1', 'Job')).toMatchObject({ resource: 'jobs' });
  });

  it('asks per group and version where the server knows no better', async () => {
    server = await startScriptedServer(({ url }, response) => {
      if (url.pathname === '/apis/batch/v1') {
        const jobs = { name: 'jobs', kind: 'Job', namespaced: true, verbs: ['get'] };
        json(response, 200, { kind: 'APIResourceList', resources: [jobs, { ...jobs, name: 'jobs/status' }] });
      } else if (/^\/apis?$/.test(url.pathname)) json(response, 200, { kind: 'APIVersions' });
      else refuse(response, 404, 'NotFound');
    });
    const discovery = new Discovery(server.cluster.api);
    expect(await discovery.find('batch/v1', 'Job')).toMatchObject({ resource: 'jobs' });
    expect(await discovery.find('none/v1', 'Job')).toBeUndefined();
  });
});
