import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../json.js';
import { at } from '../json.js';
import type { TestApi } from './testing/test-api.js';
import { startTestApi } from './testing/test-api.js';

let api: TestApi;
let stop: AbortController;

const path = '/api/v1/namespaces/default/configmaps';

beforeEach(async () => {
  api = await startTestApi();
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await api.close();
});

/** The events of a watch as they come. */
async function* watch(query: string): AsyncGenerator<JsonObject> {
  const response = await api.fetch(`${path}?watch=true&${query}`, { signal: stop.signal });
  expect(response.status).toBe(200);
  let rest = '';
  for await (const chunk of response.body ?? []) {
    rest += Buffer.from(chunk).toString('utf8');
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines.map((line): JsonObject => JSON.parse(line));
  }
}

async function take(events: AsyncGenerator<JsonObject>, count: number): Promise<JsonObject[]> {
  const taken: JsonObject[] = [];
  for await (const event of events) {
    if (taken.push(event) === count) {
      break;
    }
  }
  return taken;
}

function shown(events: readonly JsonObject[]): string[] {
  return events.map((event) => `${String(event['type'])} ${String(at(event, 'object', 'metadata', 'name'))}`);
}

function create(name: string, labels: Record<string, string> = {}): Promise<JsonObject> {
  return api.json('POST', path, { metadata: { name, labels } });
}

describe('watch', () => {
  test('tells of writes after a version', async () => {
    const first = await create('a');
    await create('b');
    await api.json('DELETE', `${path}/a`);
    const version = String(at(first, 'metadata', 'resourceVersion'));
    const events = await take(watch(`resourceVersion=${version}`), 2);
    expect(shown(events)).toEqual(['ADDED b', 'DELETED a']);
  });

  test('without a version it begins with what is there', async () => {
    await create('a');
    const events = await take(watch(''), 2);
    expect(shown(events)).toEqual(['ADDED a', 'ADDED kube-root-ca.crt']);
  });

  test('objects enter and leave the set of a selector', async () => {
    const { version } = api.registry.table;
    const events = take(watch(`labelSelector=app%3Dx&resourceVersion=${version}`), 3);
    await create('w', { app: 'q' });
    const relabel = (app: string) =>
      api.fetch(`${path}/w`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: Buffer.from(JSON.stringify({ metadata: { labels: { app } } })),
      });
    await relabel('x');
    await api.fetch(`${path}/w`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: Buffer.from('{"data":{"k":"v"}}'),
    });
    const left = await relabel('q');
    const seen = await events;
    expect(shown(seen)).toEqual(['ADDED w', 'MODIFIED w', 'DELETED w']);
    // The last one carries the labels it had in the set, and the version at which it left.
    expect(at(seen[2], 'object', 'metadata', 'labels')).toEqual({ app: 'x' });
    expect(at(seen[2], 'object', 'metadata', 'resourceVersion')).toBe(
      at(await left.json(), 'metadata', 'resourceVersion'),
    );
  });

  test('a version that is forgotten is an ERROR event with 410, and the end', async () => {
    await create('a');
    api.registry.table.history.compact(api.registry.table.version);
    const events: JsonObject[] = [];
    for await (const event of watch('resourceVersion=1')) {
      events.push(event);
    }
    expect(events).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]);
  });

  test('timeoutSeconds ends it cleanly', async () => {
    const events: JsonObject[] = [];
    for await (const event of watch(`timeoutSeconds=1&resourceVersion=${api.registry.table.version}`)) {
      events.push(event);
    }
    expect(events).toEqual([]);
  });

  test('a watch of tables has rows', async () => {
    const response = await api.fetch(`${path}?watch=true`, {
      signal: stop.signal,
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    });
    const { value } = (await response.body?.getReader().read()) ?? {};
    const [line = ''] = Buffer.from(value ?? [])
      .toString('utf8')
      .split('\n');
    expect(JSON.parse(line)).toMatchObject({
      type: 'ADDED',
      object: { kind: 'Table', rows: [{ cells: ['kube-root-ca.crt', expect.any(String)] }] },
    });
  });
});

describe('lists in pages', () => {
  test('pages show one version, whatever is written meanwhile', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      await create(name);
    }
    const first = await api.json('GET', `${path}?limit=2`);
    expect(at(first, 'metadata', 'remainingItemCount')).toBe(3);
    await create('bb');
    await api.json('DELETE', `${path}/c`);
    const token = String(at(first, 'metadata', 'continue'));
    const second = await api.json('GET', `${path}?limit=3&continue=${token}`);
    expect(second['items']).toMatchObject([
      { metadata: { name: 'c' } },
      { metadata: { name: 'd' } },
      { metadata: { name: 'kube-root-ca.crt' } },
    ]);
    expect(at(second, 'metadata', 'resourceVersion')).toBe(at(first, 'metadata', 'resourceVersion'));
  });

  test('a token of a forgotten version is 410', async () => {
    await create('a');
    const first = await api.json('GET', `${path}?limit=1`);
    await create('b');
    api.registry.table.history.compact(api.registry.table.version);
    const token = String(at(first, 'metadata', 'continue'));
    const expired = await api.json('GET', `${path}?limit=1&continue=${token}`);
    expect(expired).toMatchObject({ code: 410, reason: 'Expired' });
  });

  test('items carry no kind, single objects do', async () => {
    await create('a');
    const { items } = await api.json('GET', path);
    expect(items).toMatchObject([{ metadata: { name: 'a' } }, {}]);
    expect(at(Object(items)[0], 'kind')).toBeUndefined();
    expect(await api.json('GET', `${path}/a`)).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
  });
});
