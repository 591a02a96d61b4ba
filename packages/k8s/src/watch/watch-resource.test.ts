import type { ServerResponse } from 'node:http';
import { until } from '@cloudemy/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { UnknownObject } from '../objects/types.js';
import { json, refuse, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.js';
import { type ResourceWatch, watchResource, type WatchResourceOptions } from './watch-resource.js';

const PATH = '/api/v1/pods';

function pod(name: string, version: number, uid = name): UnknownObject {
  return { metadata: { name, namespace: 'n', uid, resourceVersion: String(version) } };
}

function list(version: number, ...items: UnknownObject[]) {
  return { metadata: { resourceVersion: String(version) }, items };
}

function event(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

const EXPIRED = { kind: 'Status', status: 'Failure', reason: 'Expired', message: 'too old', code: 410 };

/** Resolves when the log holds as many entries as asked for; jest's own limit ends a wait without success. */
describe('watchResource', () => {
  let server: ScriptedServer | undefined;
  let watch: ResourceWatch<UnknownObject> | undefined;

  afterEach(async () => {
    await watch?.stop();
    await server?.close();
  });

  async function start(
    lists: unknown[],
    watches: ((response: ServerResponse) => void)[],
    options: Partial<WatchResourceOptions<UnknownObject>> = {},
  ) {
    const log: string[] = [];
    let listed = 0;
    let watched = 0;
    server = await startScriptedServer(({ url }, response) => {
      if (url.searchParams.get('watch') !== 'true') {
        json(response, 200, lists[Math.min(listed++, lists.length - 1)]);
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      watches[watched++]?.(response);
    });
    watch = watchResource<UnknownObject>(server.cluster.api, {
      path: PATH,
      onAdd: (object) => log.push(`+${object.metadata.name ?? ''}`),
      onUpdate: (object) => log.push(`~${object.metadata.name ?? ''}`),
      onDelete: (object) => log.push(`-${object.metadata.name ?? ''}`),
      ...options,
    });
    const { seen } = server;
    const versions = () => seen.map(({ url }) => url.searchParams.get('resourceVersion'));
    return { log, watch, seen, versions };
  }

  it('does not keep who wrote which field', async () => {
    const written = (name: string, version: number): UnknownObject => {
      const { metadata } = pod(name, version);
      return { metadata: { ...metadata, managedFields: [{ manager: 'kubectl' }] } };
    };
    const { log, watch } = await start(
      [list(5, written('a', 1))],
      [(response) => response.write(event('ADDED', written('b', 6)) + event('MODIFIED', written('a', 7)))],
    );
    await until(() => log.length === 3);
    expect([...watch.objects.values()]).toEqual([pod('a', 7), pod('b', 6)]);
  });

  it('tells the list, then what changes', async () => {
    const { log, watch, versions } = await start(
      [list(5, pod('a', 1), pod('b', 2))],
      [
        (response) => {
          response.write(event('ADDED', pod('c', 6)) + event('MODIFIED', pod('a', 7)));
          response.write(event('DELETED', pod('b', 8)));
        },
      ],
    );
    await watch.synced;
    expect([...watch.objects.keys()]).toEqual(['n/a', 'n/b']);
    await until(() => log.length === 5);
    expect(log).toEqual(['+a', '+b', '+c', '~a', '-b']);
    expect([...watch.objects.keys()]).toEqual(['n/a', 'n/c']);
    expect(versions()).toEqual([null, '5']);
    expect(watch.lastActivity).toBeGreaterThan(0);
  });

  it('joins events that were cut anywhere, also inside a character', async () => {
    const line = Buffer.from(event('ADDED', pod('grün', 6)));
    const { log } = await start(
      [list(5)],
      [
        (response) => {
          void (async () => {
            for (const byte of line) {
              response.write(Buffer.from([byte]));
              await new Promise(setImmediate);
            }
          })();
        },
      ],
    );
    await until(() => log.length === 1);
    expect(log).toEqual(['+grün']);
  });

  it('goes on from the last version, bookmarks included, when a connection breaks', async () => {
    const { seen, versions } = await start(
      [list(5)],
      [
        (response) => {
          response.write(event('BOOKMARK', { metadata: { resourceVersion: '42' } }), () =>
            response.destroy(),
          );
        },
        () => {},
      ],
    );
    await until(() => seen.length === 3);
    expect(versions()).toEqual([null, '5', '42']);
  });

  it('lists again when the server has forgotten the version, and tells what was missed', async () => {
    const errors: unknown[] = [];
    const { log, watch } = await start(
      [
        list(5, pod('a', 1), pod('b', 2), pod('c', 3)),
        list(90, pod('a', 1), pod('b', 80), pod('c', 81, 'another')),
      ],
      [(response) => response.end(event('ERROR', EXPIRED)), () => {}],
      { onError: (error) => errors.push(error) },
    );
    await until(() => log.length === 6);
    expect(log).toEqual(['+a', '+b', '+c', '~b', '-c', '+c']);
    expect(watch.objects.get('n/c')?.metadata.uid).toBe('another');
    expect(errors).toEqual([]);
  });

  it('notices a watch that fell silent', async () => {
    const errors: unknown[] = [];
    const { seen } = await start([list(5)], [() => {}, () => {}], {
      silenceTimeoutMs: 30,
      onError: (error) => errors.push(error),
    });
    await until(() => seen.length === 3);
    expect(String(errors[0])).toContain('silent');
  });

  it('lists in full from time to time', async () => {
    const { log } = await start([list(5, pod('a', 1)), list(6)], [], { relistIntervalMs: 50 });
    await until(() => log.length === 2);
    expect(log).toEqual(['+a', '-a']);
  });

  it('does not storm a server that hangs up at once', async () => {
    const hangUp = (response: ServerResponse) => response.end();
    const { seen } = await start(
      [list(5)],
      Array.from({ length: 100 }, () => hangUp),
    );
    await until(() => seen.length >= 3);
    const before = seen.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(seen.length - before).toBeLessThan(3);
  });

  it('survives a handler that throws', async () => {
    const errors: unknown[] = [];
    const { watch } = await start([list(5, pod('a', 1), pod('b', 2))], [() => {}], {
      onAdd: () => {
        throw new Error('handler');
      },
      onError: (error) => errors.push(error),
    });
    await watch.synced;
    expect(watch.objects.size).toBe(2);
    expect(errors).toHaveLength(2);
  });

  it('keeps trying while the server refuses, and rejects synced only when stopped', async () => {
    server = await startScriptedServer((_, response) => refuse(response, 403, 'Forbidden'));
    const errors: unknown[] = [];
    watch = watchResource(server.cluster.api, { path: PATH, onError: (error) => errors.push(error) });
    await until(() => errors.length === 2);
    await watch.stop();
    await expect(watch.synced).rejects.toThrow('stopped');
  });

  it('holds 5,000 objects', async () => {
    const objects = Array.from({ length: 5_000 }, (_, i) => pod(`p${i}`, i));
    const { watch } = await start(
      [list(5_000, ...objects)],
      [
        (response) =>
          response.write(
            objects.map((object) => event('MODIFIED', pod(object.metadata.name ?? '', 9_999))).join(''),
          ),
      ],
    );
    await watch.synced;
    await until(() => watch.objects.get('n/p4999')?.metadata.resourceVersion === '9999');
    expect(watch.objects.size).toBe(5_000);
  });
});
