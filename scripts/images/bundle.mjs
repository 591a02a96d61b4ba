// Bundles a built service for its image: `node scripts/images/bundle.mjs APP FOLDER`. One file loads in a third of
// the time of the hundreds it is made of, and nothing that is not run is shipped (docs/adr/0021).
import { cp, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const [app = '', folder = ''] = process.argv.slice(2);
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const dist = join(root, 'apps', app, 'dist');
const out = resolve(folder);

/** The page of the API's documentation: files that are served, beside the bundle. */
const swaggerFolder = 'swagger-ui';
const swaggerAssets = {
  name: 'swagger-assets',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^swagger-ui-dist\/absolute-path$/ }, ({ resolveDir }) => ({
      path: createRequire(join(resolveDir, 'index.js')).resolve('swagger-ui-dist/absolute-path'),
      namespace: 'swagger-assets',
    }));
    onLoad({ filter: /.*/, namespace: 'swagger-assets' }, async ({ path }) => {
      for (const name of await readdir(dirname(path))) {
        if (!/^(swagger-ui-(bundle|standalone-preset)\.js|swagger-ui\.css|favicon.*\.png)$/.test(name))
          continue;
        await cp(join(dirname(path), name), join(out, swaggerFolder, name));
      }
      return { contents: `module.exports = () => require('node:path').join(__dirname, '${swaggerFolder}');` };
    });
  },
};

/** Programs of the processor, which no bundle holds: shipped as packages, with the build of this platform beside. */
const nativePackages = {
  name: 'native-packages',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^@node-rs\/argon2$/ }, async ({ path, importer }) => {
      const scope = dirname(dirname(createRequire(importer).resolve(`${path}/package.json`)));
      await cp(scope, join(out, 'node_modules', basename(scope)), { recursive: true, dereference: true });
      return { path, external: true };
    }),
};

/** Packages whose modules do nothing by being loaded, though they do not say so: what is not used is left out. */
const pure = /[/\\]node_modules[/\\]@kubernetes[/\\]client-node[/\\]|[/\\]node_modules[/\\]bullmq[/\\]/;
const withoutSideEffects = {
  name: 'without-side-effects',
  setup: ({ onResolve, resolve }) =>
    onResolve({ filter: /^(\.|@kubernetes\/client-node\/)/ }, async ({ path, pluginData, ...from }) => {
      const isPure = path.startsWith('@kubernetes/client-node/') || pure.test(from.importer);
      if (pluginData === 'resolved' || !isPure) return undefined;
      return { ...(await resolve(path, { ...from, pluginData: 'resolved' })), sideEffects: false };
    }),
};

/** Packages of which the bundle would hold two copies, or a build that no bundler can leave anything out of. */
const requireOf = createRequire(join(root, 'apps', app, 'package.json'));
const alias = {};
for (const name of ['ioredis', 'bullmq']) {
  try {
    alias[name] = requireOf.resolve(name).replace(/([/\\]dist[/\\])cjs([/\\])/, '$1esm$2');
  } catch {
    // This app does not use it.
  }
}

/** Packages in CommonJS use these, which an ES module does not have. */
const commonJs = `import { createRequire as commonJsRequire } from 'node:module';
const require = commonJsRequire(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;`;

const commands = await readdir(join(dist, 'commands')).catch(() => []);
await build({
  entryPoints: [
    join(dist, 'main.js'),
    ...commands.filter((name) => /^[^.]+\.js$/.test(name)).map((name) => join(dist, 'commands', name)),
  ],
  outbase: dist,
  outdir: out,
  bundle: true,
  splitting: true,
  // Names are kept: a stack trace in a log must name what failed.
  minifyWhitespace: true,
  minifySyntax: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  banner: { js: commonJs },
  alias,
  // The pages: their own build, with the packages that it needs, stands beside.
  external: ['next'],
  plugins: [swaggerAssets, nativePackages, withoutSideEffects],
  logLevel: 'warning',
});
if (app === 'frontend') await copyPages();
await cp(join(root, 'scripts', 'images', 'health.mjs'), join(out, 'health.mjs'));

/** What Next traced of the pages and of itself (`NEXT_OUTPUT=standalone`), and what browsers load. */
async function copyPages() {
  const pages = join(root, 'apps', app, '.next');
  const traced = join(pages, 'standalone');
  const copy = (from, to) => cp(from, join(out, to), { recursive: true, verbatimSymlinks: true });
  await copy(join(traced, 'node_modules'), 'node_modules');
  await copy(join(traced, 'apps', app, 'node_modules'), join('apps', app, 'node_modules'));
  await copy(join(traced, 'apps', app, '.next'), join('apps', app, '.next'));
  await copy(join(pages, 'static'), join('apps', app, '.next', 'static'));
}
