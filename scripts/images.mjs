// `npm run images`: builds every image and prints their sizes. Needs Docker with BuildKit, and nothing installed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Image by name to the Dockerfile it is built from. */
const images = {
  backend: 'apps/backend/Dockerfile',
  scheduler: 'apps/scheduler/Dockerfile',
  runner: 'apps/runner/Dockerfile',
  deployer: 'apps/deployer/Dockerfile',
  frontend: 'apps/frontend/Dockerfile',
  emulators: 'emulators/stack/Dockerfile',
};

const usage = `npm run images -- [NAME...] [options]

Builds cloudemy/NAME:TAG for ${Object.keys(images).join(', ')}; all of them when none is named.

  --tag T          tag of the images (${version})
  --registry R     put before their names: R/cloudemy/NAME:TAG
  --push           push them when all are built
  --node-image I   what installs and builds (node:24-bookworm-slim)
  --node-of image  run on the Node of that image too, in place of the lockfile's on --base-image
  --base-image I   what the lockfile's Node runs on (debian:bookworm-slim)
  --npmrc FILE     npm's settings for the build, such as another registry; nothing of them stays in an image
  --network N      network of the build, as of docker build`;

const options = parse();
const base = options['node-of'] === 'image' ? options['node-image'] : options['base-image'];
const tags = options.names.map((name) => [name, tagOf(name)]);

for (const [name, tag] of tags) {
  process.stderr.write(`\n== ${tag}\n`);
  docker(['build', ...buildArguments(name), '--tag', tag, root]);
}
if (options.push) for (const [, tag] of tags) docker(['push', tag]);
printSizes();

function buildArguments(name) {
  const revision = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout?.trim();
  const { npmrc, network } = options;
  return [
    ['--file', join(root, images[name])],
    ['--build-arg', `NODE_IMAGE=${options['node-image']}`],
    ['--build-arg', `NODE_OF=${options['node-of']}`],
    ['--build-arg', `BASE_IMAGE=${options['base-image']}`],
    ['--build-arg', `VERSION=${options.tag}`],
    revision ? ['--build-arg', `REVISION=${revision}`] : [],
    npmrc === undefined ? [] : ['--secret', `id=npmrc,src=${npmrc}`],
    network === undefined ? [] : ['--network', network],
  ].flat();
}

function tagOf(name) {
  const { registry, tag } = options;
  return `${registry === undefined ? '' : `${registry.replace(/\/$/, '')}/`}cloudemy/${name}:${tag}`;
}

/** What an image adds to its base counts: the base is pulled once for all of them. */
function printSizes() {
  const baseSize = sizeOf(base);
  process.stdout.write('\n');
  for (const [, tag] of tags) {
    const size = sizeOf(tag) ?? 0;
    const own = baseSize === undefined ? '' : `  ${megabytes(size - baseSize)} above ${base}`;
    process.stdout.write(`${tag}  ${megabytes(size)}${own}\n`);
  }
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function sizeOf(image) {
  const inspected = spawnSync('docker', ['image', 'inspect', '--format', '{{.Size}}', image], {
    encoding: 'utf8',
  });
  return inspected.status === 0 ? Number(inspected.stdout) : undefined;
}

function docker(args) {
  const { status, error } = spawnSync('docker', args, {
    cwd: root,
    env: { ...process.env, DOCKER_BUILDKIT: '1' },
    stdio: ['ignore', 2, 2],
  });
  if (error !== undefined) fail(`Docker cannot be run: ${error.message}`);
  if (status !== 0) fail(`docker ${args[0]} failed with ${status}.`);
}

function parse() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        tag: { type: 'string', default: version },
        registry: { type: 'string' },
        push: { type: 'boolean', default: false },
        'node-image': { type: 'string', default: 'node:24-bookworm-slim' },
        'node-of': { type: 'string', default: 'lockfile' },
        'base-image': { type: 'string', default: 'debian:bookworm-slim' },
        npmrc: { type: 'string' },
        network: { type: 'string' },
      },
    });
    const unknown = positionals.find((name) => !Object.hasOwn(images, name));
    if (!['lockfile', 'image'].includes(values['node-of']))
      throw new Error('--node-of is lockfile or image.');
    if (unknown !== undefined) throw new Error(`There is no image ${unknown}.`);
    return { ...values, names: positionals.length === 0 ? Object.keys(images) : positionals };
  } catch (error) {
    return fail(`${error.message}\n\n${usage}`);
  }
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
