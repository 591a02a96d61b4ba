import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { CLAIMS, isClaim, isVolume, VOLUMES } from '../controllers/volume/types.js';
import { asString, at } from '../json.js';
import type { ObjectStore } from '../store/object-store.js';
import { fieldValue } from './downward.js';
import { dataOf } from './environment.js';
import type { Node } from './node.js';
import type { DownwardSource, FileSource, Pod, ProjectedSource, Volume } from './pod.js';

/** Makes the token of a pod's service account: a JSON Web Token or whatever the API server takes. */
export type TokenIssuer = (request: {
  namespace: string;
  serviceAccount: string;
  audience: string | undefined;
  expirationSeconds: number;
  pod: Pod;
}) => string;

/** A volume that cannot be set up (yet): event `FailedMount`, tried again. */
export class MountError extends Error {}

/** One file of a volume, by its path inside. */
interface VolumeFile {
  content: Buffer;
  mode: number;
}

type Files = Map<string, VolumeFile>;

export interface VolumeContext {
  store: ObjectStore;
  pod: Pod;
  node: Node;
  issueToken: TokenIssuer;
}

const DEFAULT_MODE = 0o644;

function addKeys(
  files: Files,
  kind: 'configmaps' | 'secrets',
  name: string,
  source: FileSource,
  mode: number,
  context: VolumeContext,
): void {
  const data = dataOf(context.store, kind, context.pod.metadata.namespace, name);
  if (data === undefined) {
    if (source.optional === true) {
      return;
    }
    throw new MountError(`${kind === 'secrets' ? 'secret' : 'configmap'} "${name}" not found`);
  }
  const items: NonNullable<FileSource['items']> =
    source.items ?? [...data.keys()].map((key) => ({ key, path: key }));
  for (const item of items) {
    const content = data.get(item.key);
    if (content !== undefined) {
      files.set(item.path, { content, mode: item.mode ?? mode });
    } else if (source.optional !== true) {
      const word = kind === 'secrets' ? 'secret' : 'config';
      throw new MountError(`references non-existent ${word} key: ${item.key}`);
    }
  }
}

function addDownward(files: Files, source: DownwardSource, mode: number, context: VolumeContext): void {
  for (const item of source.items ?? []) {
    const text = fieldValue(context.pod, item.fieldRef?.fieldPath ?? '');
    files.set(item.path, { content: Buffer.from(text), mode: item.mode ?? mode });
  }
}

function addProjected(files: Files, source: ProjectedSource, mode: number, context: VolumeContext): void {
  if (source.configMap !== undefined) {
    addKeys(files, 'configmaps', source.configMap.name, source.configMap, mode, context);
  }
  if (source.secret !== undefined) {
    addKeys(files, 'secrets', source.secret.name, source.secret, mode, context);
  }
  if (source.downwardAPI !== undefined) {
    addDownward(files, source.downwardAPI, mode, context);
  }
  if (source.serviceAccountToken !== undefined) {
    const { audience, expirationSeconds = 3600, path } = source.serviceAccountToken;
    const token = context.issueToken({
      namespace: context.pod.metadata.namespace ?? 'default',
      serviceAccount: context.pod.spec.serviceAccountName ?? 'default',
      audience,
      expirationSeconds,
      pod: context.pod,
    });
    files.set(path, { content: Buffer.from(token), mode });
  }
}

function filesOf(volume: Volume, context: VolumeContext): Files | undefined {
  const files: Files = new Map();
  if (volume.configMap !== undefined) {
    const mode = volume.configMap.defaultMode ?? DEFAULT_MODE;
    addKeys(files, 'configmaps', volume.configMap.name, volume.configMap, mode, context);
  } else if (volume.secret !== undefined) {
    const mode = volume.secret.defaultMode ?? DEFAULT_MODE;
    addKeys(files, 'secrets', volume.secret.secretName, volume.secret, mode, context);
  } else if (volume.downwardAPI !== undefined) {
    addDownward(files, volume.downwardAPI, volume.downwardAPI.defaultMode ?? DEFAULT_MODE, context);
  } else if (volume.projected !== undefined) {
    for (const source of volume.projected.sources ?? []) {
      addProjected(files, source, volume.projected.defaultMode ?? DEFAULT_MODE, context);
    }
  } else {
    return undefined;
  }
  return files;
}

/** Files as a kubelet lays them out: in a dated folder, which `..data` points to, with links at the top. */
async function layOut(folder: string, files: Files): Promise<void> {
  const dated = `..${new Date().toISOString().replaceAll(/[-:T]/g, '_').slice(0, 19)}`;
  const home = join(folder, dated);
  await mkdir(home, { recursive: true });
  for (const [path, { content, mode }] of files) {
    const inside = normalize(path);
    if (inside.startsWith('..') || inside.startsWith(sep)) {
      throw new MountError(`path may not leave the volume: ${path}`);
    }
    const file = join(home, inside);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content, { mode });
    await chmod(file, mode);
  }
  await symlink(dated, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  const tops = new Set([...files.keys()].map((path) => normalize(path).split(sep)[0] ?? ''));
  for (const top of tops) {
    await symlink(join('..data', top), join(folder, top));
  }
}

/** The folder behind a claim, made when it is first used. */
async function claimedVolume(
  { claimName, readOnly = false }: NonNullable<Volume['persistentVolumeClaim']>,
  { store, pod }: VolumeContext,
): Promise<MountedVolume> {
  const claim = store.get(CLAIMS, pod.metadata.namespace, claimName);
  if (!isClaim(claim)) {
    throw new MountError(`persistentvolumeclaim "${claimName}" not found`);
  }
  const volume = store.get(VOLUMES, undefined, claim.spec.volumeName ?? '');
  const path = isVolume(volume) ? (volume.spec.hostPath?.path ?? volume.spec.local?.path) : undefined;
  if (path === undefined) {
    throw new MountError(`claim "${claimName}" has no volume that is a folder of this machine`);
  }
  if (!existsSync(path)) {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o777);
  }
  return { path, readOnly };
}

/** Where a volume is on this machine. */
export interface MountedVolume {
  path: string;
  /** Written once by the cluster: containers may only read it. */
  readOnly: boolean;
}

/**
 * Sets up one volume in `folder`, which it creates.
 * @throws MountError when what it is made of is not there, or for a kind of volume that is not offered.
 */
export async function setUpVolume(
  volume: Volume,
  folder: string,
  context: VolumeContext,
): Promise<MountedVolume> {
  const hostPath = asString(at(volume, 'hostPath', 'path'));
  if (hostPath !== undefined) {
    return { path: hostPath, readOnly: false };
  }
  if (volume.persistentVolumeClaim !== undefined) {
    return claimedVolume(volume.persistentVolumeClaim, context);
  }
  if (volume.emptyDir !== undefined) {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o777);
    return { path: folder, readOnly: false };
  }
  const files = filesOf(volume, context);
  if (files === undefined) {
    const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
    throw new MountError(`volumes of kind ${kind} are not offered by this cluster`);
  }
  await mkdir(folder, { recursive: true });
  await layOut(folder, files);
  return { path: folder, readOnly: true };
}
