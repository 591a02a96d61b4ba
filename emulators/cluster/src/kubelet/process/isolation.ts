import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ViewTools } from './scripts.js';
import { startInView, startPlain, startProgram } from './scripts.js';
import type { View } from './view.js';
import { ViewBuilder } from './view.js';

/** A program with its arguments. */
export interface CommandLine {
  file: string;
  args: string[];
}

export interface StartSpec {
  hostname: string;
  workingDir: string;
  argv: readonly string[];
  view: View | undefined;
}

/** How processes are kept apart on this machine. */
export interface Isolation {
  readonly kind: 'view' | 'plain';
  /** Lays out views; absent where processes share the machine's. */
  readonly views: ViewBuilder | undefined;
  start(spec: StartSpec): CommandLine;
  /** Runs something beside the process `pid`, in its namespaces; `tty`: as the leader of its terminal. */
  enter(pid: number, workingDir: string, argv: readonly string[], tty: boolean): CommandLine;
}

/** Processes that see the whole machine, and each other. */
export const plainIsolation: Isolation = {
  kind: 'plain',
  views: undefined,
  start: ({ workingDir, argv }) => ({
    file: '/bin/sh',
    args: ['-c', startPlain, 'sh', workingDir, ...argv],
  }),
  enter: (_pid, workingDir, argv) => ({
    file: '/bin/sh',
    args: ['-c', 'cd "$1"; shift; exec "$@"', 'sh', workingDir, ...argv],
  }),
};

class ViewIsolation implements Isolation {
  readonly kind = 'view';
  readonly views: ViewBuilder;
  readonly #tools: ViewTools;
  readonly #userNamespace: boolean;
  readonly #script: string;

  constructor(tools: ViewTools, userNamespace: boolean) {
    this.#tools = tools;
    this.#userNamespace = userNamespace;
    this.#script = startInView(tools);
    this.views = new ViewBuilder(userNamespace);
  }

  start({ hostname, workingDir, argv, view }: StartSpec): CommandLine {
    const user = this.#userNamespace ? ['--user', '--map-root-user'] : [];
    const place = view === undefined ? ['', ''] : [view.fstab, view.root];
    return {
      file: this.#tools.unshare,
      args: user.concat(
        ['--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '/bin/sh', '-c', this.#script],
        ['sh', hostname, ...place, startProgram, workingDir, ...argv],
      ),
    };
  }

  enter(pid: number, workingDir: string, argv: readonly string[], tty: boolean): CommandLine {
    const user = this.#userNamespace ? ['--user', '--preserve-credentials'] : [];
    // A shell manages its jobs only when the terminal's session is one it can see. Only root may take a
    // terminal over from the session that brought it.
    const leader = tty && !this.#userNamespace ? [this.#tools.setsid, '--ctty'] : [];
    return {
      file: this.#tools.nsenter,
      args: ['--target', String(pid), ...user, '--mount', '--pid', '--uts', '--ipc', '--root', '--wd'].concat(
        leader,
        ['/bin/sh', '-c', 'cd "$1"; shift; exec "$@"', 'sh', workingDir],
        argv,
      ),
    };
  }
}

function program(name: string): string | undefined {
  for (const folder of [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

function findTools(): ViewTools | undefined {
  const unshare = program('unshare');
  const nsenter = program('nsenter');
  const mount = program('mount');
  const chroot = program('chroot');
  const setsid = program('setsid');
  return unshare && nsenter && mount && chroot && setsid
    ? { unshare, nsenter, mount, chroot, setsid }
    : undefined;
}

/** Runs a program in a view, to see whether this machine lets us. */
async function works(isolation: Isolation, folder: string): Promise<boolean> {
  const home = await mkdtemp(join(folder, 'probe-'));
  try {
    const view = await isolation.views?.build({
      folder: home,
      mounts: [{ source: home, target: '/probe', readOnly: true }],
      workingDir: '/',
      terminationMessagePath: '/dev/termination-log',
      readOnlyRoot: false,
    });
    const argv = ['/bin/sh', '-c', '[ -f /probe/fstab ] && [ $$ = 1 ] && [ -c /dev/null ]'];
    const { file, args } = isolation.start({ hostname: 'probe', workingDir: '/', argv, view });
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'ignore', 'ignore'] });
    const [code] = await once(child, 'exit');
    return code === 0;
  } catch {
    return false;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/**
 * The strongest isolation this machine offers: a view of their own for containers where namespaces and
 * overlay mounts are allowed (as root, or by a user namespace), else none.
 * @param folder where the layers will be kept; not every file system can hold them
 */
export async function chooseIsolation(folder: string): Promise<Isolation> {
  const tools = process.platform === 'linux' ? findTools() : undefined;
  if (tools === undefined) {
    return plainIsolation;
  }
  await mkdir(folder, { recursive: true });
  const isolation = new ViewIsolation(tools, process.getuid?.() !== 0);
  return (await works(isolation, folder)) ? isolation : plainIsolation;
}
