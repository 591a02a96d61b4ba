import { setImmediate as immediate } from 'node:timers/promises';
import { ProblemError } from '@cloudemy/service';
import type { ExecChannel, ExecExit, ExecTarget, OpenExec } from './exec-channel.js';

/** Before the first resize a terminal has no size, which programs take badly: VT100's, as everywhere. */
const firstSize = { cols: 80, rows: 24 };
/** Milliseconds for a shell to say that it is there, and for one that is to be ended to go. */
const startMs = 10_000;
const hangUpMs = 3_000;
/** A process id and a line end; whatever is longer is no greeting of ours. */
const greetingBytes = 32;

/**
 * Runs in the shell before it becomes interactive. Its first line is its process id, by which it can be ended
 * later: the cluster leaves a command running when its caller hangs up. Runtimes set `TERM=xterm` at most, so
 * colours are asked for where the image knows them.
 */
const greeting = `echo "$$"
for folder in /etc /lib /usr/lib /usr/share; do
  [ -e "$folder/terminfo/x/xterm-256color" ] && TERM=xterm-256color
done
export TERM="\${TERM:-xterm}"
exec "$0"`;

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

/**
 * Starts the first of the shells that the container has.
 *
 * @throws ProblemError `shell_unavailable` when it has none; KubeApiError, KubeConnectionError
 */
export async function startShell(
  openExec: OpenExec,
  target: ExecTarget,
  shells: readonly string[],
): Promise<Shell> {
  let why = '';
  for (const path of shells) {
    const channel = await openExec(target, [path, '-c', greeting, path]);
    channel.resize(firstSize.cols, firstSize.rows);
    const start = await awaitGreeting(channel);
    if (start.kind === 'started') {
      const { pid, firstOutput } = start;
      return { path, channel, firstOutput, end: () => endShell(openExec, target, { path, pid, channel }) };
    }
    channel.close();
    if (start.kind === 'lost') throw unavailable(start.message);
    why = start.message;
  }
  throw new ProblemError('shell_unavailable', {
    detail: `The container ${target.containerName} has none of ${shells.join(', ')}, so no terminal can be opened in it. The cluster said: ${gist(why)}`,
  });
}

/** What a container runtime says of a failed start without the list of those who passed it on. */
const gist = (message: string): string => message.replace(/^.*container process: /s, '').slice(0, 300);

type Start =
  | { kind: 'started'; pid: string; firstOutput: Buffer }
  | { kind: 'failed' | 'lost'; message: string };

/** Waits for the first line. Some runtimes put their error there instead and let the command exit. */
async function awaitGreeting(channel: ExecChannel): Promise<Start> {
  const first = new Promise<Start>((resolve) => {
    let seen = Buffer.alloc(0);
    channel.output.on('error', () => undefined);
    channel.output.on('data', function read(this: unknown, chunk: Buffer) {
      seen = Buffer.concat([seen, chunk]);
      const line = /^(\d+)\r?\n/.exec(seen.subarray(0, greetingBytes).toString('latin1'));
      if (line?.[1] === undefined) return;
      channel.output.pause();
      channel.output.off('data', read);
      resolve({ kind: 'started', pid: line[1], firstOutput: seen.subarray(line[0].length) });
    });
  });
  const ended = channel.exited.then(failure);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Start>((resolve) => {
    const message = `it did not start within ${startMs / 1_000} s`;
    timer = setTimeout(() => resolve({ kind: 'failed', message }), startMs);
  });
  try {
    return await Promise.race([first, ended, late]);
  } finally {
    clearTimeout(timer);
  }
}

function failure(exit: ExecExit): Start {
  if (exit.kind === 'exited') return { kind: 'failed', message: `it exited at once with ${exit.exitCode}` };
  return { kind: exit.kind === 'lost' ? 'lost' : 'failed', message: exit.message };
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
