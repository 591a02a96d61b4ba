import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * Keeps a list of process groups, `+1234` and `-1234` a line, until its input ends, which is when the cluster's
 * process is gone, however it went. Whatever is on the list then is killed, and the folder is removed.
 */
const WATCH = `
groups=' '
while read -r line; do
  group=\${line#?}
  case $line in
    +*) groups="$groups$group " ;;
    -*) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do
  kill -s KILL -- "-$group" 2>/dev/null && sleep 0.1
done
cd / && rm -rf "$1"
`;

/** Sees to it that no pod outlives the cluster, even when the cluster is killed. */
export class Watchdog {
  readonly #child: ChildProcess;

  /** `root` is the folder of everything the kubelet keeps; made here, removed in the end. */
  constructor(root: string) {
    mkdirSync(root, { recursive: true });
    this.#child = spawn('/bin/sh', ['-c', WATCH, 'sh', root], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#child.unref();
    this.#child.stdin?.on('error', () => {});
    if (this.#child.stdin instanceof Socket) {
      this.#child.stdin.unref();
    }
  }

  /** A process group has begun. */
  add(group: number): void {
    // 0 and 1 mean oneself and everybody.
    if (group > 1) {
      this.#child.stdin?.write(`+${group}\n`);
    }
  }

  /** It has ended. */
  delete(group: number): void {
    this.#child.stdin?.write(`-${group}\n`);
  }

  /** Resolves when the folder has been removed. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return;
    }
    const ended = new Promise<void>((resolve) => {
      this.#child.once('exit', () => resolve());
    });
    this.#child.ref();
    this.#child.stdin?.end();
    await ended;
  }
}
