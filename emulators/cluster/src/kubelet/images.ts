import { createHash } from 'node:crypto';

/** How an image runs on this machine. Programs are those of the machine: nothing is pulled or unpacked. */
export interface LocalImage {
  /** What stands in for ENTRYPOINT and CMD; a container's `command` and `args` replace them as usual. */
  entrypoint?: string[];
  command?: string[];
  env?: Record<string, string>;
  workingDir?: string;
  /** What the image holds besides the machine's own files: folder in the container to folder of the machine. */
  files?: Record<string, string>;
}

export interface ImageEntry {
  /** An image name, `*` standing for anything: `cloudemy/runner:*`, `docker.io/library/node:*`. */
  pattern: string;
  image: LocalImage;
}

/** Base images whose programs an ordinary machine has. `node` is the Node.js that runs the cluster. */
export const baseImages: readonly ImageEntry[] = [
  ...['busybox', 'alpine', 'debian', 'ubuntu', 'perl', 'buildpack-deps'].map((name) =>
    entry(name, { command: ['sh'] }),
  ),
  entry('bash', { command: ['bash'] }),
  entry('node', { command: ['node'] }),
  entry('python', { command: ['python3'] }),
];

function entry(name: string, image: LocalImage): ImageEntry {
  return { pattern: `docker.io/library/${name}:*`, image };
}

/** What an image name means: its full form, or why it means nothing. */
export type ParsedName = { name: string } | { error: string };

const repository = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const tag = /^[\w][\w.-]{0,127}$/;
const digest = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-f]{32,}$/;

/** Completes a name as container runtimes do: `busybox` is `docker.io/library/busybox:latest`. */
export function parseImageName(text: string): ParsedName {
  const [named = '', hash] = text.split('@', 2);
  const slash = named.indexOf('/');
  const host = slash < 0 ? '' : named.slice(0, slash);
  const hasHost = host === 'localhost' || /[.:]/.test(host);
  const path = hasHost ? named.slice(slash + 1) : named;
  const colon = path.indexOf(':');
  const repo = colon < 0 ? path : path.slice(0, colon);
  const version = colon < 0 ? 'latest' : path.slice(colon + 1);
  const official = !hasHost && !repo.includes('/') ? `library/${repo}` : repo;
  if (!repository.test(official) && repository.test(official.toLowerCase())) {
    return { error: `invalid reference format: repository name (${official}) must be lowercase` };
  }
  if (!repository.test(official) || !tag.test(version) || (hash !== undefined && !digest.test(hash))) {
    return { error: 'invalid reference format' };
  }
  const full = `${hasHost ? host : 'docker.io'}/${official}`;
  return { name: hash === undefined ? `${full}:${version}` : `${full}@${hash}` };
}

/** Which image runs how. An image without an entry cannot be pulled. */
export class ImageTable {
  readonly #entries: { matches: RegExp; image: LocalImage }[];

  /** Earlier entries win: put your own before `baseImages`. */
  constructor(entries: readonly ImageEntry[] = baseImages) {
    this.#entries = entries.map(({ pattern, image }) => ({ matches: wildcard(pattern), image }));
  }

  /** `name` is complete, as `parseImageName` gives it. */
  find(name: string): LocalImage | undefined {
    return this.#entries.find(({ matches }) => matches.test(name))?.image;
  }
}

/** A pattern is completed like a name, so that `busybox` and `cloudemy/runner:*` mean what they seem to. */
function wildcard(pattern: string): RegExp {
  const stand = 'wildcard0';
  const parsed = parseImageName(pattern.replaceAll('*', stand));
  const full = 'name' in parsed ? parsed.name : pattern.replaceAll('*', stand);
  const open = pattern.includes(':') || pattern.includes('@') || pattern.endsWith('*');
  const text = open ? full : full.replace(/:latest$/, `:${stand}`);
  const escaped = text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll(stand, '.*')}$`);
}

/** An id for an image that has none: stable, and of the usual shape. */
export function imageId(name: string): string {
  return `sha256:${createHash('sha256').update(name).digest('hex')}`;
}

/** Why an image without an entry cannot be pulled: what a registry, or the lack of one, would answer. */
export function pullFailure(name: string): string {
  const slash = name.indexOf('/');
  const host = name.slice(0, slash);
  const [repo = '', version = 'latest'] = name.slice(slash + 1).split(/[:@](.*)/);
  const why =
    host === 'docker.io'
      ? 'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed'
      : `failed to do request: Head "https://${host}/v2/${repo}/manifests/${version}": dial tcp: lookup ${host}: no such host`;
  return `rpc error: code = Unknown desc = failed to pull and unpack image "${name}": failed to resolve image: ${why}`;
}
