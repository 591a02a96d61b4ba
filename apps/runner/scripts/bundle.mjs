/**
 * Bundles the runner: dist/runner.js starts dist/bundle/main.mjs, with the compiled code V8 kept in dist/cache.
 * One runner starts per submission, so every millisecond here is paid for by each (docs/adr/0008).
 */
import { spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const dist = new URL('../dist/', import.meta.url);
const path = (name) => fileURLToPath(new URL(name, dist));

/** Zod brings its messages in fifty languages; the runner speaks one. */
const englishOnly = {
  name: 'english-only',
  setup: ({ onLoad }) =>
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, ({ path }) => ({
      contents: "export { default as en } from './en.js';",
      resolveDir: dirname(path),
    })),
};

for (const old of ['bundle', 'cache']) await rm(path(old), { recursive: true, force: true });

await build({
  entryPoints: [fileURLToPath(new URL('../src/main.ts', import.meta.url))],
  outdir: path('bundle'),
  bundle: true,
  // The grader with the model's client is a file of its own, loaded while the submission is on its way.
  splitting: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  // The ES modules of a package can be shaken, its CommonJS cannot.
  mainFields: ['module', 'main'],
  sourcemap: 'external',
  logLevel: 'warning',
  plugins: [englishOnly],
});

// `npm run attacks` grades with the very same code. A bundle of its own: it must not shift what runners load.
await build({
  entryPoints: [fileURLToPath(new URL('../src/commands/attacks.ts', import.meta.url))],
  outfile: path('commands/attacks.mjs'),
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  logLevel: 'warning',
  plugins: [englishOnly],
});

// The dist folder is CommonJS, whose loader starts faster; the cache counts for modules loaded after the call,
// and is portable: it holds wherever an image puts the folder.
await writeFile(path('package.json'), '{"type":"commonjs"}\n');
await writeFile(
  path('runner.js'),
  "'use strict';\nrequire('node:module').enableCompileCache({ directory: `${__dirname}/cache`, portable: true });\nrequire('./bundle/main.mjs');\n",
);

// A run without an environment loads everything, writes the cache and ends with the code for bad configuration.
const run = spawnSync(process.execPath, [path('runner.js')], { env: {}, encoding: 'utf8' });
if (run.status !== 78) throw new Error(`the bundle does not start:\n${run.stderr}`);
