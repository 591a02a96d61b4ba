import { once } from 'node:events';
import { setImmediate as immediate } from 'node:timers/promises';
import { ProblemError } from '@cloudemy/service';
import type { ExecChannel, ExecTarget, OpenExec } from './exec-channel.js';
import { awaitGreeting, greeting } from './greeting.js';

/** Before the first resize a terminal has no size, which programs take badly: VT100's, as everywhere. */
const firstSize = { cols: 80, rows: 24 };
/** Milliseconds for a shell that is to be ended to go. */
const hangUpMs = 3_000;
/** Milliseconds for which a shell that was given up is waited for, to be ended. */
const orphanMs = 300_000;
/** As a terminal that is closed does it; what ignores that is killed. An ended shell hangs up on what it runs. */
const hangUp = `kill -HUP "$0" || exit 0
sleep 0.1
kill -0 "$0" || exit 0
sleep 1
kill -KILL "$0"`;

/** A shell that runs. */
export interface Shell {
  path: string;
  channel: ExecChannel;
  /** What it wrote after its greeting. */
  firstOutput: Buffer;
  /** Ends it and what it runs, then hangs up. Never rejects. */
  end(): Promise<void>;
}

/**
 * The shells to try, in order: the one asked for, then the others in case the image lacks it.
 *
 * @throws ProblemError `invalid_request` for one that is not on the list
 */
export function shellsToTry(allowed: readonly string[], asked: string | undefined): readonly string[] {
  if (asked === undefined) return allowed;
  if (!allowed.includes(asked)) {
    throw new ProblemError('invalid_request', {
      detail: `The shell ${asked} is not allowed here. Use one of ${allowed.join(', ')}.`,
    });
  }
  return [asked, ...allowed.filter((shell) => shell !== asked)];
}

export interface ShellStart {
  openExec: OpenExec;
  target: ExecTarget;
  /** Paths, the preferred one first. */
  shells: readonly string[];
  /** Whoever asked has left. */
  signal?: AbortSignal | undefined;
  /** Told of a shell that was given up before it was there: settles when it is gone. Never rejects. */
  onOrphan: (gone: Promise<void>) => void;
  /** Milliseconds that starting may take, all shells together. */
  startMs?: number;
}

/**
 * Starts the first of the shells that the container has. One that is slow is not one that is missing: it is
 * waited for, and ended when it comes too late.
 *
 * @throws ProblemError `shell_unavailable` when it has none, `cluster_error` when none starts in time;
 *   KubeApiError, KubeConnectionError; the signal's reason
 */
export async function startShell(start: ShellStart): Promise<Shell> {
  const { target, shells, startMs = 30_000 } = start;
  const late = AbortSignal.timeout(startMs);
  const over = start.signal === undefined ? late : AbortSignal.any([late, start.signal]);
  const timeout = AbortSignal.timeout(startMs + orphanMs);
  let why = '';
  for (const path of shells) {
    const begun = begin(start, path, timeout);
    const first = await Promise.race([begun, aborted(over)]);
    if (first === 'aborted') {
      start.onOrphan(endWhenItComes(begun));
      start.signal?.throwIfAborted();
      throw unavailable(`${path} did not start within ${startMs / 1_000} s`);
    }
    if (first.kind === 'started') return first.shell;
    if (first.kind === 'lost') throw unavailable(first.message);
    why = first.message;
  }
  throw new ProblemError('shell_unavailable', {
    detail: `The container ${target.containerName} has none of ${shells.join(', ')}, so no terminal can be opened in it. The cluster said: ${gist(why)}`,
  });
}

/** What a container runtime says of a failed start without the list of those who passed it on. */
const gist = (message: string): string => message.replace(/^.*container process: /s, '').slice(0, 300);

type Start = { kind: 'started'; shell: Shell } | { kind: 'failed' | 'lost'; message: string };

/** @param timeout when it runs out, a shell that has not come is waited for no more */
async function begin({ openExec, target }: ShellStart, path: string, timeout: AbortSignal): Promise<Start> {
  const channel = await openExec(target, [path, '-c', greeting, path]);
  channel.resize(firstSize.cols, firstSize.rows);
  const hangUp = (): void => channel.close();
  timeout.addEventListener('abort', hangUp);
  const first = await awaitGreeting(channel);
  timeout.removeEventListener('abort', hangUp);
  if (first.kind === 'greeted') {
    const { pid, firstOutput } = first;
    const end = () => endShell(openExec, target, { path, pid, channel });
    return { kind: 'started', shell: { path, channel, firstOutput, end } };
  }
  channel.close();
  return first;
}

async function aborted(signal: AbortSignal): Promise<'aborted'> {
  if (!signal.aborted) await once(signal, 'abort');
  return 'aborted';
}

/** A command that the cluster was told to run runs on when nobody wants it any more. */
async function endWhenItComes(begun: Promise<Start>): Promise<void> {
  try {
    const first = await begun;
    if (first.kind === 'started') await first.shell.end();
  } catch {
    // The cluster did not take the command: there is nothing to end.
  }
}

const unavailable = (message: string): ProblemError =>
  new ProblemError('cluster_error', {
    detail: `The terminal could not be opened: ${message}. Try again; if it stays, see GET /status.`,
  });

async function endShell(
  openExec: OpenExec,
  target: ExecTarget,
  { path, pid, channel }: { path: string; pid: string; channel: ExecChannel },
): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const gaveUp = new Promise<'late'>((resolve) => {
    late = setTimeout(() => resolve('late'), hangUpMs);
  });
  const kill = async (): Promise<void> => {
    const killer = await openExec(target, [path, '-c', hangUp, pid]);
    killer.output.on('error', () => undefined).resume();
    await Promise.race([killer.exited, gaveUp]);
    killer.close();
  };
  const exited = await Promise.race([channel.exited.then(() => true), immediate(false)]);
  // A pod that is gone, or a cluster that does not answer, leaves nothing to be ended from here.
  if (!exited) await Promise.race([kill().catch(() => undefined), gaveUp]);
  clearTimeout(late);
  channel.close();
}
