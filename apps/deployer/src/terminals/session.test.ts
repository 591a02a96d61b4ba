import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { endFor, type SessionEnd } from './session-end.js';
import { TerminalSession, type Viewer, replayBytes } from './session.js';
import { ScriptedShell } from './testing/scripted-shell.js';

/** Keeps what it is told; takes output while `takes`. */
class Recorder implements Viewer {
  text = '';
  takes = true;
  drained = 0;
  over: SessionEnd | undefined;
  output(chunk: Buffer): boolean {
    this.text += chunk.toString();
    return this.takes;
  }
  inputDrained(): void {
    this.drained += 1;
  }
  dismissed(why: SessionEnd): void {
    this.over = why;
  }
  ended(end: SessionEnd): void {
    this.over = end;
  }
}

let now = 0;
let shell: ScriptedShell;
let session: TerminalSession;
let viewer: Recorder;

beforeEach(() => {
  now = 1_000;
  shell = new ScriptedShell();
  viewer = new Recorder();
  session = new TerminalSession({
    shell: shell.shell,
    now: () => now,
    explain: async (exit) => ({
      reason: 'shell_exited',
      message: 'over',
      exitCode: exit.kind === 'exited' ? exit.exitCode : null,
    }),
  });
});

/** Lets everything that is under way arrive. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await turn();
}

describe('a session', () => {
  it('shows whoever comes what was written before, then goes on without a gap', async () => {
    shell.output.write('one ');
    await settle();
    expect(session.attach(viewer).toString()).toBe('$ one ');
    shell.output.write('two');
    await settle();
    expect(viewer.text).toBe('two');
    session.detach(viewer);
    shell.output.write(' three');
    await settle();
    const back = new Recorder();
    expect(session.attach(back).toString()).toBe('$ one two three');
    expect(viewer.text).toBe('two');
  });

  it('reads on while nobody is there, and keeps the last of it', async () => {
    for (let i = 0; i < 64; i++) shell.output.write(Buffer.alloc(16_384, 'x'));
    shell.output.write('\nthe end');
    await settle();
    await settle();
    const replay = session.attach(viewer);
    expect(session.traffic.bytesOut).toBe(64 * 16_384 + 10);
    expect(replay.length).toBeLessThanOrEqual(replayBytes);
    expect(replay.toString()).toMatch(/the end$/);
  });

  it('stops the shell while its viewer takes nothing, and goes on when it does or when it leaves', async () => {
    session.attach(viewer);
    viewer.takes = false;
    shell.output.write('first');
    await settle();
    shell.output.write('second');
    await settle();
    expect(viewer.text).toBe('first');
    expect(shell.output.isPaused()).toBe(true);
    session.resumeOutput();
    await settle();
    expect(viewer.text).toBe('firstsecond');
    expect(shell.output.isPaused()).toBe(true);
    session.detach(viewer);
    shell.output.write('third');
    await settle();
    expect(session.attach(new Recorder()).toString()).toBe('$ firstsecondthird');
  });

  it('takes input in order, and says when it must wait and when it may go on', async () => {
    session.attach(viewer);
    shell.takes = false;
    expect(session.input(Buffer.from('a'))).toBe(true);
    expect(session.input(Buffer.alloc(20_000, 'b'))).toBe(false);
    expect(session.input(Buffer.from('c'))).toBe(false);
    shell.takeInput();
    await settle();
    expect(viewer.drained).toBe(1);
    expect(shell.typedText).toBe(`a${'b'.repeat(20_000)}c`);
    expect(session.traffic.bytesIn).toBe(20_002);
  });

  it('belongs to who came last', async () => {
    session.attach(viewer);
    const second = new Recorder();
    session.attach(second);
    expect(viewer.over).toMatchObject({ reason: 'taken_over' });
    session.detach(viewer);
    expect(session.connected).toBe(true);
    shell.output.write('x');
    await settle();
    expect([viewer.text, second.text]).toEqual(['', 'x']);
  });

  it('goes on without a viewer who was sent away', async () => {
    session.attach(viewer);
    session.dismiss(endFor('signed_out', 'expired'));
    expect(viewer.over).toMatchObject({ reason: 'signed_out' });
    expect([session.connected, session.over]).toEqual([false, false]);
    shell.output.write('x');
    await settle();
    expect(viewer.text).toBe('');
    expect(session.attach(new Recorder()).toString()).toBe('$ x');
  });

  it('tells of an exit after all of its output', async () => {
    session.attach(viewer);
    viewer.takes = false;
    shell.output.write('a');
    await settle();
    shell.output.write('last words');
    shell.exit(3);
    await settle();
    expect(viewer.over).toBeUndefined();
    session.resumeOutput();
    expect(await session.ended).toMatchObject({ reason: 'shell_exited', exitCode: 3 });
    expect(viewer.text).toBe('alast words');
    expect(viewer.over).toMatchObject({ exitCode: 3 });
  });

  it('ends once, for the first reason, and takes its shell along', async () => {
    session.attach(viewer);
    session.end(endFor('idle_timeout', 'too long'));
    session.end(endFor('session_ended', 'again'));
    expect(await session.ended).toMatchObject({ reason: 'idle_timeout' });
    await session.released;
    expect(viewer.over).toMatchObject({ reason: 'idle_timeout' });
    expect([shell.ends, session.over, session.connected]).toEqual([1, true, false]);
    expect(session.input(Buffer.from('x'))).toBe(true);
    session.resize(10, 10);
    expect([shell.typedText, shell.sizes]).toEqual(['', []]);
  });

  it('tells whoever comes to its end what ended it, after its last output', async () => {
    session.end(endFor('idle_timeout', 'too long'));
    expect(session.attach(viewer).toString()).toBe('$ ');
    expect(viewer.over).toBeUndefined();
    await settle();
    expect(viewer.over).toMatchObject({ reason: 'idle_timeout' });
    expect([session.connected, session.over]).toEqual([false, true]);
  });

  it('is active when something is typed, or shown to somebody', async () => {
    session.attach(viewer);
    now = 2_000;
    session.input(Buffer.from('x'));
    expect(session.lastActiveAt).toBe(2_000);
    now = 3_000;
    shell.output.write('x');
    await settle();
    expect(session.lastActiveAt).toBe(3_000);
    session.detach(viewer);
    now = 4_000;
    shell.output.write('x');
    await settle();
    expect([session.lastActiveAt, session.detachedAt]).toEqual([3_000, 3_000]);
  });
});
