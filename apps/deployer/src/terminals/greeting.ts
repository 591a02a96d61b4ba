import type { ExecChannel, ExecExit } from './exec-channel.js';

/** A process id and a line end; whatever is longer is no greeting of ours. */
const greetingBytes = 32;

/**
 * Runs in the shell before it becomes interactive. Its first line is its process id, by which it can be ended
 * later: the cluster leaves a command running when its caller hangs up.
 *
 * Runtimes set `TERM=xterm` at most, so colours are asked for where the image knows them. They set no locale either:
 * in the C locale bash takes the bytes of ä and 한 for editing commands, so one that knows UTF-8 is set where the
 * image sets none. `iutf8` has the terminal itself rub out whole characters, for shells without an editor of their own.
 */
export const greeting = `echo "$$"
for folder in /etc /lib /usr/lib /usr/share; do
  [ -e "$folder/terminfo/x/xterm-256color" ] && TERM=xterm-256color
done
export TERM="\${TERM:-xterm}"
if [ -z "\${LC_ALL:-}\${LC_CTYPE:-}\${LANG:-}" ]; then
  export LANG=C.UTF-8
fi
stty iutf8 2>/dev/null
exec "$0"`;

export type Greeting =
  | { kind: 'greeted'; pid: string; firstOutput: Buffer }
  | { kind: 'failed' | 'lost'; message: string };

/** Waits for the first line. Some runtimes put their error there instead and let the command exit. */
export async function awaitGreeting(channel: ExecChannel): Promise<Greeting> {
  const first = new Promise<Greeting>((resolve) => {
    let seen = Buffer.alloc(0);
    channel.output.on('error', () => undefined);
    channel.output.on('data', function read(this: unknown, chunk: Buffer) {
      seen = Buffer.concat([seen, chunk]);
      const line = /^(\d+)\r?\n/.exec(seen.subarray(0, greetingBytes).toString('latin1'));
      if (line?.[1] === undefined) return;
      channel.output.pause();
      channel.output.off('data', read);
      resolve({ kind: 'greeted', pid: line[1], firstOutput: seen.subarray(line[0].length) });
    });
  });
  return Promise.race([first, channel.exited.then(failure)]);
}

function failure(exit: ExecExit): Greeting {
  if (exit.kind === 'exited') return { kind: 'failed', message: `it exited at once with ${exit.exitCode}` };
  return { kind: exit.kind === 'lost' ? 'lost' : 'failed', message: exit.message };
}
