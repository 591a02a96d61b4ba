import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ExecChannel, ExecExit, OpenExec } from './exec-channel.js';
import { startShell } from './shell.js';

/** A command that the test lets begin, speak and end. */
class ScriptedExec {
  readonly output = new PassThrough();
  readonly #exit = Promise.withResolvers<ExecExit>();

  readonly command: readonly string[];

  constructor(command: readonly string[]) {
    this.command = command;
  }

  get channel(): ExecChannel {
    return {
      output: this.output,
      input: new PassThrough(),
      exited: this.#exit.promise,
      resize: () => undefined,
      close: () => this.output.destroy(),
    };
  }

  end(exit: ExecExit): void {
    this.#exit.resolve(exit);
  }
}

const target = { namespace: 'default', podName: 'pod', containerName: 'main' };
let begun: ScriptedExec[];
let orphans: Promise<void>[];
/** What each command does when it is begun, in order; the last of them for all that follow. */
let scripts: ((exec: ScriptedExec) => void)[];

beforeEach(() => {
  begun = [];
  orphans = [];
});

const openExec: OpenExec = async (_target, command) => {
  const exec = new ScriptedExec(command);
  const script = scripts[begun.length] ?? scripts.at(-1);
  begun.push(exec);
  script?.(exec);
  return exec.channel;
};

const start = (options: { signal?: AbortSignal; startMs?: number } = {}) =>
  startShell({
    openExec,
    target,
    shells: ['/bin/bash', '/bin/sh'],
    onOrphan: (gone) => orphans.push(gone),
    ...options,
  });

const silent = (): void => undefined;
const greets = (exec: ScriptedExec): void => void exec.output.write('4711\r\n$ ');
const isMissing = (exec: ScriptedExec): void =>
  exec.end({ kind: 'not_started', message: 'no such file or directory' });
const ends = (exec: ScriptedExec): void => exec.end({ kind: 'exited', exitCode: 0 });

describe('starting a shell', () => {
  it('takes the next one only when the image lacks the first', async () => {
    scripts = [isMissing, greets];
    expect(await start()).toMatchObject({ path: '/bin/sh', firstOutput: Buffer.from('$ ') });
    scripts = [isMissing];
    await expect(start()).rejects.toMatchObject({
      code: 'shell_unavailable',
      message: expect.stringContaining('no such file'),
    });
  });

  it('waits for a slow one, and when it comes too late ends it', async () => {
    scripts = [silent, ends];
    await expect(start({ startMs: 20 })).rejects.toMatchObject({
      code: 'cluster_error',
      message: expect.stringContaining('/bin/bash did not start'),
    });
    expect(begun).toHaveLength(1);
    expect(orphans).toHaveLength(1);
    begun.forEach(greets);
    await orphans[0];
    expect(begun[1]?.command).toEqual(['/bin/bash', '-c', expect.stringContaining('kill -HUP'), '4711']);
    expect(begun[0]?.output.destroyed).toBe(true);
  });

  it('leaves none behind when whoever asked has left', async () => {
    scripts = [silent, ends];
    const asking = new AbortController();
    const starting = start({ signal: asking.signal });
    asking.abort();
    await expect(starting).rejects.toThrow(/abort/);
    begun.forEach(greets);
    await Promise.all(orphans);
    expect(begun.map(({ command }) => command.at(-1))).toEqual(['/bin/bash', '4711']);
  });

  it('does not wait for one whose connection broke', async () => {
    scripts = [(exec) => exec.end({ kind: 'lost', message: 'the connection broke' })];
    await expect(start()).rejects.toMatchObject({ code: 'cluster_error' });
    expect([begun.length, orphans.length]).toEqual([1, 0]);
  });
});
