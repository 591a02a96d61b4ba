import { existsSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, realpath, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';

/** Something a container sees at a path of its own. */
export interface Mount {
  source: string;
  target: string;
  readOnly: boolean;
}

export interface ViewSpec {
  /** Folder for the container's private layer; created. */
  folder: string;
  mounts: readonly Mount[];
  workingDir: string;
  /** A file the container writes its last words to. */
  terminationMessagePath: string;
  readOnlyRoot: boolean;
}

/** A container's private view of the machine's files, ready to be entered. */
export interface View {
  /** The table that `mount --all` reads. */
  fstab: string;
  root: string;
  /** Where, outside, the file at `terminationMessagePath` is found. */
  terminationMessage: string;
}

/** Where the first user of a container is at home. */
export const rootHome = '/root';
/** What shells run as they start. An image has none that run for a minute, as a machine's may. */
const STARTUP_FILES = ['.bashrc', '.bash_profile', '.bash_login', '.profile', '.bash_logout'];

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx'];
/** Parts of the machine that every container has its own of. */
const OWN = /^\/(proc|sys|dev|run)(\/|$)/;

/** A mounted file system of the machine; an overlay of `/` does not reach into it. */
interface MachineMount {
  path: string;
  folder: boolean;
}

function machineMounts(): MachineMount[] {
  const found = new Map<string, MachineMount>();
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const path = line.split(' ')[4] ?? '';
    if (path.startsWith('/') && path !== '/' && !OWN.test(path) && !/[\\,:]/.test(path) && existsSync(path)) {
      found.set(path, { path, folder: statSync(path).isDirectory() });
    }
  }
  return [...found.values()];
}

/** Escapes what separates the fields of fstab. */
function escaped(path: string): string {
  return path.replaceAll(
    /[ \t\\]/g,
    (character) => `\\0${character.charCodeAt(0).toString(8).padStart(2, '0')}`,
  );
}

/** Follows links in what exists of a path, so that a mount point does not hide them. */
async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await resolved(parent), path.slice(parent.length));
  }
}

/** One file system of the machine with the container's own writes laid over it. */
interface Layer {
  at: string;
  upper: string;
  work: string;
}

/** Lays private writable layers over the machine's file systems, as a container image would be. */
export class ViewBuilder {
  readonly #userNamespace: boolean;
  readonly #machine = machineMounts();

  /** `userNamespace`: the mounts are made by somebody who is root in a user namespace only. */
  constructor(userNamespace: boolean) {
    this.#userNamespace = userNamespace;
  }

  async build(spec: ViewSpec): Promise<View> {
    const root = join(spec.folder, 'root');
    // Mounts come and go, as those of a container engine beside us: one that is gone cannot be laid over.
    const machine = this.#machine.filter(({ path }) => existsSync(path));
    const layers = layersOver(machine, spec.folder);
    await mkdir(root, { recursive: true });
    for (const { upper, work } of layers) {
      await mkdir(upper, { recursive: true });
      await mkdir(work, { recursive: true });
    }
    const place = async (path: string): Promise<string> => placeIn(layers, await resolved(path));
    await devices(await place('/dev'));
    const mounts = await orderedMounts(spec.mounts);
    const messagePath = await resolved(spec.terminationMessagePath);
    const messageInVolume = mounts.some(({ target }) => isInside(messagePath, target));
    const terminationMessage = messageInVolume
      ? join(spec.folder, 'termination-log')
      : placeIn(layers, messagePath);
    await emptyFile(terminationMessage);
    await chmod(terminationMessage, 0o666);
    if (messageInVolume) {
      mounts.push({ source: terminationMessage, target: messagePath, readOnly: false });
    }
    for (const path of STARTUP_FILES.map((name) => join(rootHome, name)).filter((file) => existsSync(file))) {
      await emptyFile(await place(path));
    }
    const lines = layers.map((layer) => this.#overlay(layer, root, spec.readOnlyRoot));
    const bind = (source: string, target: string, options: string): void => {
      lines.push(`${escaped(source)} ${escaped(join(root, target))} none ${options} 0 0`);
    };
    for (const { path } of machine.filter(({ folder }) => !folder)) {
      await emptyFile(await place(path));
      bind(path, path, 'bind,ro');
    }
    lines.push(`proc ${escaped(join(root, 'proc'))} proc defaults 0 0`);
    bind('/sys', '/sys', 'rbind');
    for (const device of [...DEVICES, 'pts']) {
      bind(`/dev/${device}`, `/dev/${device}`, 'bind');
    }
    lines.push(`tmpfs ${escaped(join(root, 'dev/shm'))} tmpfs defaults 0 0`);
    for (const [index, { source, target, readOnly }] of mounts.entries()) {
      const place = placeInMounts(mounts.slice(0, index), layers, target);
      if (place !== undefined) {
        await mountPoint(place, source);
      }
      bind(source, target, readOnly ? 'rbind,ro' : 'rbind');
    }
    const workingDir = placeInMounts(mounts, layers, await resolved(spec.workingDir));
    if (workingDir !== undefined && !existsSync(spec.workingDir)) {
      await mkdir(workingDir, { recursive: true });
    }
    const fstab = join(spec.folder, 'fstab');
    await writeFile(fstab, `${lines.join('\n')}\n`);
    return { fstab, root, terminationMessage };
  }

  #overlay({ at, upper, work }: Layer, root: string, readOnly: boolean): string {
    const options = [
      `lowerdir=${escaped(at)}`,
      `upperdir=${escaped(upper)}`,
      `workdir=${escaped(work)}`,
      ...(this.#userNamespace ? ['userxattr'] : []),
      ...(readOnly ? ['ro'] : []),
    ];
    return `overlay ${escaped(join(root, at))} overlay ${options.join(',')} 0 0`;
  }
}

function layersOver(machine: readonly MachineMount[], folder: string): Layer[] {
  const paths = ['/', ...machine.filter((mount) => mount.folder).map(({ path }) => path)];
  return paths.map((at, index) => ({
    at,
    upper: join(folder, `upper${index}`),
    work: join(folder, `work${index}`),
  }));
}

/** Where, outside, the container's own version of a path is kept. */
function placeIn(layers: readonly Layer[], path: string): string {
  const layer = layers
    .filter(({ at }) => at === '/' || path === at || path.startsWith(`${at}/`))
    .reduce((deepest, next) => (next.at.length > deepest.at.length ? next : deepest));
  return join(layer.upper, relative(layer.at, path));
}

/** As a container runtime mounts them: what is nearer to the root first, links of the machine followed. */
async function orderedMounts(mounts: readonly Mount[]): Promise<Mount[]> {
  const found = await Promise.all(
    mounts.map(async (mount) => ({ ...mount, target: await resolved(normalize(mount.target)) })),
  );
  const depth = ({ target }: Mount): number => target.split('/').filter((part) => part !== '').length;
  return found.toSorted((left, right) => depth(left) - depth(right));
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/**
 * Where, outside, a path is kept that may be inside one of the mounts: in the last one that covers it, else in the
 * container's layer. Undefined in a mount that may only be read: nothing can be made there.
 */
function placeInMounts(mounts: readonly Mount[], layers: readonly Layer[], path: string): string | undefined {
  const around = mounts.findLast(({ target }) => path === target || isInside(path, target));
  if (around === undefined) {
    return placeIn(layers, path);
  }
  return around.readOnly ? undefined : join(around.source, relative(around.target, path));
}

async function emptyFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '');
}

async function mountPoint(path: string, source: string): Promise<void> {
  if (existsSync(path)) {
    return;
  }
  if ((await stat(source)).isDirectory()) {
    await mkdir(path, { recursive: true });
  } else {
    await emptyFile(path);
  }
}

async function devices(dev: string): Promise<void> {
  await mkdir(join(dev, 'pts'), { recursive: true });
  await mkdir(join(dev, 'shm'));
  await Promise.all(DEVICES.map((device) => writeFile(join(dev, device), '')));
  await symlink('/proc/self/fd', join(dev, 'fd'));
  await Promise.all(
    ['stdin', 'stdout', 'stderr'].map((name, index) => symlink(`/proc/self/fd/${index}`, join(dev, name))),
  );
}
