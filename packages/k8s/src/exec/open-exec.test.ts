import { createHash, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { KubeApiError, KubeConnectionError } from '../cluster/errors.js';
import { InvalidNameError } from '../objects/names.js';
import { type ExecServer, type ExecSession, startExecServer } from '../testing/exec-server.js';
import type { ExecConnection } from './exec-connection.js';
import { type ExecOptions, openExec } from './open-exec.js';

const SUCCESS = { metadata: {}, status: 'Success' };
const MAIN = { namespace: 'n', pod: 'p', container: 'main', command: ['sh', '-c', 'echo "a b" && exit'] };

function exitStatus(code: number) {
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: command terminated with exit code ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

/** Waits until a count has begun to grow and then stands still. */
async function untilSteady(count: () => number): Promise<void> {
  for (let before = -1; before !== count() || before === 0;) {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('openExec', () => {
  let server: ExecServer | undefined;
  let connection: ExecConnection | undefined;

  afterEach(async () => {
    connection?.destroy();
    await server?.close();
  });

  async function open(
    onSession: (session: ExecSession) => void | Promise<void>,
    options: Partial<ExecOptions> = {},
    serverOptions: Parameters<typeof startExecServer>[1] = {},
  ): Promise<ExecConnection> {
    server = await startExecServer(onSession, serverOptions);
    connection = await openExec(server.cluster.api, { ...MAIN, ...options });
    return connection;
  }

  it('runs a command and tells how it ended', async () => {
    const exec = await open((session) => {
      session.send(1, 'out');
      session.send(2, 'err');
      session.exit(exitStatus(7));
    });
    const [stdout, stderr, exit] = await Promise.all([exec.toArray(), exec.stderr.toArray(), exec.exited]);
    expect([String(Buffer.concat(stdout)), String(Buffer.concat(stderr))]).toEqual(['out', 'err']);
    expect(exit).toMatchObject({ exitCode: 7, started: true });
    const query = server?.queries[0];
    expect(query?.getAll('command')).toEqual(MAIN.command);
    expect(query?.get('container')).toBe('main');
    expect([query?.get('stdin'), query?.get('stdout'), query?.get('stderr'), query?.get('tty')]).toEqual([
      'true',
      'true',
      'true',
      'false',
    ]);
  });

  it('names the signal that ended a command', async () => {
    const exec = await open((session) => session.exit(exitStatus(137)), { tty: true });
    expect(await exec.exited).toMatchObject({ exitCode: 137, signal: 'SIGKILL' });
    expect(server?.queries[0]?.get('stderr')).toBe('false');
  });

  it('tells a command that could not be started from one that failed', async () => {
    const message = 'OCI runtime exec failed: exec: "/bin/bash": no such file or directory';
    const status = { status: 'Failure', message, reason: 'InternalError', code: 500 };
    const exec = await open((session) => session.exit(status));
    expect(await exec.exited).toEqual({ exitCode: undefined, started: false, message });
  });

  it('carries input and the end of input', async () => {
    const exec = await open(async (session) => {
      const first = await session.next();
      session.send(1, `${first.channel}:${first.payload.toString()}`);
      const last = await session.next();
      session.send(1, `${last.channel}:${last.payload.toString('hex')}`);
      session.exit(SUCCESS);
    });
    exec.write('ls\n');
    exec.end();
    expect(String(Buffer.concat(await exec.toArray()))).toBe('0:ls\n255:00');
  });

  it('speaks v4 where v5 is unknown, and says that stdin cannot be closed', async () => {
    const exec = await open((session) => session.exit(SUCCESS), {}, { protocols: ['v4.channel.k8s.io'] });
    expect(exec.canCloseStdin).toBe(false);
    exec.end();
    expect(await exec.exited).toMatchObject({ exitCode: 0 });
  });

  it('sends sizes that are sizes, clamped, and never anything else', async () => {
    const sizes: string[] = [];
    const exec = await open(
      async (session) => {
        for (let i = 0; i < 3; i++) {
          const { channel, payload } = await session.next();
          sizes.push(`${channel}:${payload.toString()}`);
        }
        session.exit(SUCCESS);
      },
      { tty: true },
    );
    for (const [columns, rows] of [
      [0, 5],
      [5, 0],
      [-1, 5],
      [Number.NaN, 5],
      [0.5, 5],
    ] as const) {
      exec.resize(columns, rows);
    }
    exec.resize(80, 24);
    exec.resize(1_000_000, Number.POSITIVE_INFINITY);
    exec.resize(80.9, 24);
    await exec.exited;
    expect(sizes).toEqual([
      '4:{"Width":80,"Height":24}',
      '4:{"Width":65535,"Height":65535}',
      '4:{"Width":80,"Height":24}',
    ]);
  });

  it('loses no byte of a large paste, however slow the server reads', async () => {
    const paste = randomBytes(3 * 1024 * 1024);
    const hash = createHash('sha256');
    const exec = await open(async (session) => {
      session.socket.pause();
      setTimeout(() => session.socket.resume(), 50);
      for (let left = paste.length; left > 0;) {
        const { payload } = await session.next();
        hash.update(payload);
        left -= payload.length;
      }
      session.exit(SUCCESS);
    });
    expect(exec.write(paste)).toBe(false);
    await exec.exited;
    expect(hash.digest('hex')).toBe(createHash('sha256').update(paste).digest('hex'));
  });

  it('takes no more output than its reader does, and loses none', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const total = 1_000;
    let accepted = 0;
    const exec = await open(
      async (session) => {
        for (; accepted < total; accepted++) {
          await new Promise<void>((resolve, reject) => {
            session.socket.send(Buffer.concat([Buffer.of(1), chunk]), (error) =>
              error ? reject(error) : resolve(),
            );
          });
        }
        session.exit(SUCCESS);
      },
      { tty: true },
    );
    await untilSteady(() => accepted);
    expect(accepted).toBeLessThan(total / 2);
    expect(exec.readableLength).toBeLessThan(1024 * 1024);
    let bytes = 0;
    for await (const part of exec) bytes += Buffer.from(part).length;
    expect(bytes).toBe(total * chunk.length);
    expect(await exec.exited).toMatchObject({ exitCode: 0 });
  });

  it('fails with the words of the server when refused', async () => {
    const error = await open(() => {}, {}, { refuseWith: 403 }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(KubeApiError);
    expect(error).toMatchObject({ status: 403, message: 'pods "p" is forbidden: ' });
  });

  it('reads credentials again after a 401', async () => {
    const error = await open(() => {}, {}, { refuseWith: 401 }).catch((error: unknown) => error);
    expect(error).toMatchObject({ status: 401 });
    expect(server?.seen).toHaveLength(2);
  });

  it('says that the server cannot be reached', async () => {
    server = await startExecServer(() => {});
    await server.close();
    await expect(openExec(server.cluster.api, MAIN)).rejects.toThrow(KubeConnectionError);
  });

  it('tells when the connection is lost', async () => {
    const exec = await open((session) => {
      session.send(1, 'partial');
      session.socket.terminate();
    });
    await expect(exec.exited).rejects.toThrow(/without saying how the command ended/);
    expect(exec.destroyed).toBe(true);
  });

  it('notices a server that no longer answers', async () => {
    const exec = await open((session) => session.socket.pause(), { pingIntervalMs: 20 });
    exec.resume();
    await expect(exec.exited).rejects.toThrow(/no longer answers/);
  });

  it('hangs up when destroyed, and when its signal fires', async () => {
    const closed = Promise.withResolvers<number>();
    const exec = await open((session) => void session.socket.on('close', closed.resolve));
    exec.destroy();
    expect(await closed.promise).toBe(1006);
    await expect(exec.exited).rejects.toThrow('closed');
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    if (server === undefined) throw new Error('no server');
    await expect(openExec(server.cluster.api, MAIN, controller.signal)).rejects.toThrow('enough');
  });

  it('drops input written after the command ended', async () => {
    const exec = await open((session) => session.exit(SUCCESS));
    await exec.exited;
    exec.write('too late');
    expect(await exec.toArray()).toEqual([]);
  });

  it('never lets a name change the path', async () => {
    server = await startExecServer(() => {});
    for (const bad of [{ pod: '../x' }, { namespace: 'a?b' }, { container: 'a&tty=true' }]) {
      await expect(openExec(server.cluster.api, { ...MAIN, ...bad })).rejects.toThrow(InvalidNameError);
    }
  });
});
