import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const from = fileURLToPath(new URL('../src/page/client/', import.meta.url));
const to = fileURLToPath(new URL('../dist/page/public/', import.meta.url));

await mkdir(to, { recursive: true });
await build({
  entryPoints: { page: `${from}main.ts` },
  outdir: to,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  logLevel: 'warning',
});
await copyFile(`${from}index.html`, `${to}index.html`);
