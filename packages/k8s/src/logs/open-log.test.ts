import { afterEach, describe, expect, it } from '@jest/globals';
import { InvalidNameError } from '../objects/names.js';
import { refuse, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.js';
import { LogUnavailableError } from './log-error.js';
import { openLog } from './open-log.js';

const TIME = '2026-01-01T00:00:00.000000001Z ';
const MAIN = { namespace: 'n', pod: 'p', container: 'main' };

describe('openLog', () => {
  let server: ScriptedServer | undefined;

  afterEach(async () => {
    await server?.close();
  });

  it('hands over the bytes as they come and asks for what was asked', async () => {
    server = await startScriptedServer(
      (_, response) =>
        response.end(
          Buffer.concat([Buffer.from(TIME), Buffer.from([0xff, 0x0a]), Buffer.from(`${TIME}c`)]),
        ) && undefined,
    );
    const chunks: Buffer[] = [];
    for await (const chunk of await openLog(server.cluster.api, {
      ...MAIN,
      follow: true,
      tailLines: 5,
      timestamps: true,
      sinceTime: '2026-01-01T00:00:00+01:00',
    })) {
      chunks.push(chunk);
    }
    expect(Buffer.concat(chunks).toString('latin1')).toBe(`${TIME}\xff\n${TIME}c`);
    const url = server.seen[0]?.url;
    expect(url?.pathname).toBe('/api/v1/namespaces/n/pods/p/log');
    expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
      container: 'main',
      follow: 'true',
      tailLines: '5',
      timestamps: 'true',
      sinceTime: '2026-01-01T00:00:00+01:00',
    });
    expect(server.seen[0]?.headers.accept).toBe('application/json');
  });

  it.each([
    [
      400,
      'container "main" in pod "p" is waiting to start: ContainerCreating',
      'waiting',
      'ContainerCreating',
    ],
    [
      400,
      'container "main" in pod "p" is waiting to start: trying and failing to pull image',
      'waiting',
      'ImagePullBackOff',
    ],
    [
      404,
      'the server could not find the requested resource ( pods/log smoke-test-x7x2p)',
      'pod_unknown',
      undefined,
    ],
    [400, 'container "main" in pod "p" is not available', 'waiting', undefined],
    [400, 'container "main" in pod "p" is waiting to start - no logs yet', 'waiting', undefined],
    [400, 'container "main" in pod "p" is terminated', 'log_lost', undefined],
    [400, 'previous terminated container "main" in pod "p" not found', 'no_previous', undefined],
    [400, 'container nope is not valid for pod p', 'container_unknown', undefined],
  ])('%d %s', async (status, message, code, waitingReason) => {
    server = await startScriptedServer((_, response) => refuse(response, status, 'BadRequest', message));
    const error = await openLog(server.cluster.api, MAIN).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(LogUnavailableError);
    expect(error).toMatchObject({ code, waitingReason, message });
  });

  it('lists the containers to choose from', async () => {
    const message = 'a container name must be specified for pod two, choose one of: [i a b]';
    server = await startScriptedServer((_, response) => refuse(response, 400, 'BadRequest', message));
    await expect(openLog(server.cluster.api, MAIN)).rejects.toMatchObject({
      code: 'container_required',
      containers: ['i', 'a', 'b'],
    });
  });

  it('does not tell the address of a node that does not answer', async () => {
    const message =
      'Get "https://10.199.0.1:10250/containerLogs/n/p/main": dial tcp 10.199.0.1:10250: connect: connection refused';
    server = await startScriptedServer((_, response) => refuse(response, 500, 'InternalError', message));
    const error = await openLog(server.cluster.api, MAIN).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: 'node_unavailable', canWait: true });
    expect(String(error)).not.toContain('10.199.0.1');
  });

  it.each([
    'unable to retrieve container logs for containerd://5c7a',
    'failed to try resolving symlinks in path "/var/log/pods/n_p_1/main/0.log": lstat: no such file or directory',
    '?',
  ])("never takes the kubelet's own words for the program's: %s", async (words) => {
    server = await startScriptedServer((_, response) => response.end(words) && undefined);
    await expect(openLog(server.cluster.api, MAIN)).rejects.toMatchObject({
      code: 'log_lost',
      message: words,
    });
    const followed = await openLog(server.cluster.api, { ...MAIN, follow: true });
    await expect(followed.toArray()).rejects.toMatchObject({ code: 'log_lost' });
  });

  it("hands over every line before the kubelet's own words", async () => {
    const words = 'failed to create fsnotify watcher: too many open files';
    server = await startScriptedServer(
      (_, response) => response.end(`${TIME}one\n${TIME}two\n${words}`) && undefined,
    );
    const { api } = server.cluster;
    const chunks: string[] = [];
    const read = async () => {
      const log = await openLog(api, { ...MAIN, follow: true });
      for await (const chunk of log) chunks.push(String(chunk));
    };
    await expect(read()).rejects.toMatchObject({ code: 'log_lost', message: words });
    expect(chunks.join('')).toBe('one\ntwo\n');
  });

  it('hands over together what a server sends line by line', async () => {
    const lines = 5_000;
    server = await startScriptedServer((_, response) => {
      for (let line = 0; line < lines; line += 1) response.write(`${TIME}${line}\n`);
      response.end();
    });
    const log = await openLog(server.cluster.api, { ...MAIN, follow: true });
    const chunks = await log.toArray();
    expect(Buffer.concat(chunks).toString().split('\n')).toHaveLength(lines + 1);
    expect(chunks.length).toBeLessThan(lines / 10);
  });

  it('knows that 204 means not scheduled', async () => {
    server = await startScriptedServer((_, response) => response.writeHead(204).end() && undefined);
    await expect(openLog(server.cluster.api, MAIN)).rejects.toMatchObject({
      code: 'not_scheduled',
      canWait: true,
    });
  });

  it('fails when the connection breaks off, and not when the log ends', async () => {
    server = await startScriptedServer((_, response) => {
      response.writeHead(200);
      response.write(`${TIME}one\n`, () => response.destroy());
    });
    const log = await openLog(server.cluster.api, MAIN);
    await expect(log.toArray()).rejects.toThrow(/other side closed|terminated/);
  });

  it('hangs up when its reader does, or its signal fires', async () => {
    let closed = 0;
    const gone = Promise.withResolvers<void>();
    server = await startScriptedServer((_, response) => {
      response.write(`${TIME}one\n`);
      response.on('close', () => ++closed === 3 && gone.resolve());
    });
    const first = await openLog(server.cluster.api, MAIN);
    first.destroy();
    // Also one who waits for the next line.
    const third = await openLog(server.cluster.api, { ...MAIN, follow: true });
    const reading = third[Symbol.asyncIterator]();
    await reading.next();
    const waiting = reading.next();
    third.destroy(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    const controller = new AbortController();
    const second = await openLog(server.cluster.api, MAIN, controller.signal);
    controller.abort(new Error('enough'));
    await expect(second.toArray()).rejects.toThrow('enough');
    await gone.promise;
    expect(closed).toBe(3);
  });

  it('slows the server down when nobody reads', async () => {
    const chunk = Buffer.from(`${TIME}${'x'.repeat(1024 * 1024 - TIME.length - 1)}\n`);
    let accepted = 0;
    const full = Promise.withResolvers<void>();
    server = await startScriptedServer((_, response) => {
      const write = () => {
        while (accepted < 200) {
          accepted += 1;
          if (!response.write(chunk)) {
            response.once('drain', write);
            setTimeout(full.resolve, 200).unref();
            return;
          }
        }
        response.end();
      };
      write();
    });
    const log = await openLog(server.cluster.api, { ...MAIN, timestamps: true });
    await full.promise;
    expect(accepted).toBeLessThan(100);
    let bytes = 0;
    for await (const part of log) bytes += Buffer.from(part).length;
    expect(bytes).toBe(200 * chunk.length);
  });

  it('never lets a name change the path', async () => {
    server = await startScriptedServer(() => {});
    for (const bad of [{ pod: '../x' }, { namespace: 'a/b' }, { container: 'a%2fb' }, { pod: 'a\0' }]) {
      await expect(openLog(server.cluster.api, { ...MAIN, ...bad })).rejects.toThrow(InvalidNameError);
    }
    expect(server.seen).toEqual([]);
  });
});
