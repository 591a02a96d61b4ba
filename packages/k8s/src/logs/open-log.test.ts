import { afterEach, describe, expect, it } from '@jest/globals';
import { InvalidNameError } from '../objects/names.js';
import { refuse, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.js';
import { LogUnavailableError } from './log-error.js';
import { openLog } from './open-log.js';

const MAIN = { namespace: 'n', pod: 'p', container: 'main' };

describe('openLog', () => {
  let server: ScriptedServer | undefined;

  afterEach(async () => {
    await server?.close();
  });

  it('hands over the bytes as they come and asks for what was asked', async () => {
    server = await startScriptedServer(
      (_, response) => response.end(Buffer.from([0xff, 0x0a, 0xc3])) && undefined,
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
    expect(Buffer.concat(chunks)).toEqual(Buffer.from([0xff, 0x0a, 0xc3]));
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
      response.write('one\n', () => response.destroy());
    });
    const log = await openLog(server.cluster.api, MAIN);
    await expect(log.toArray()).rejects.toThrow(/other side closed|terminated/);
  });

  it('hangs up when its reader does, or its signal fires', async () => {
    let closed = 0;
    const gone = Promise.withResolvers<void>();
    server = await startScriptedServer((_, response) => {
      response.write('one\n');
      response.on('close', () => ++closed === 2 && gone.resolve());
    });
    const first = await openLog(server.cluster.api, MAIN);
    first.destroy();
    const controller = new AbortController();
    const second = await openLog(server.cluster.api, MAIN, controller.signal);
    controller.abort(new Error('enough'));
    await expect(second.toArray()).rejects.toThrow('enough');
    await gone.promise;
    expect(closed).toBe(2);
  });

  it('slows the server down when nobody reads', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
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
    const log = await openLog(server.cluster.api, MAIN);
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
